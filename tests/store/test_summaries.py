"""Records counted by what they have in common."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.activities.columns import to_record
from opencasb.activities.file_columns import file_from, record
from opencasb.filters.field import Kind, column
from opencasb.filters.tree import EVERYTHING, OneOf
from opencasb.store import summaries
from opencasb.store.activities import Activities
from opencasb.store.database import Database
from opencasb.store.files import Files
from tests.activities.example import TENANT, wire
from tests.conftest import NOW


def test_groups_come_by_their_size(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal ones by their value; with the number of people, of one tenant, narrowed by a filter, and not too many."""
    activities = Activities(database, clock)
    apps = ((1, 20893, "a"), (2, 20893, "b"), (3, 20893, "a"), (4, 11599, "a"), (5, 10489, "c"))
    made = [wire(at, appId=app, saasId=app, user={"userName": f"{name}@x.example"}) for at, app, name in apps]
    activities.add(TENANT, [to_record(each) for each in made])
    activities.add(TENANT + 1, [to_record(made[0])])
    found = summaries.by_column(activities, TENANT, "app_id", EVERYTHING, "user_name")
    assert found == [(20893, 3, 2), (10489, 1, 1), (11599, 1, 1)]
    where = OneOf(column("app_id", Kind.INTEGER), (11599,))
    assert summaries.by_column(activities, TENANT, "app_id", where) == [(11599, 1, 0)]
    found_examples = summaries.examples(activities, TENANT, "app_id", EVERYTHING)
    assert found_examples[0] == (3, min(each["_id"] for each in made[:3]))
    assert [count for count, _ in found_examples] == [3, 1, 1]
    monkeypatch.setattr(summaries, "MOST_GROUPS", 1)
    assert summaries.by_column(activities, TENANT, "app_id", EVERYTHING) == [(20893, 3, 0)]
    monkeypatch.setattr(summaries, "MOST_RECORDS", 2)
    assert summaries.by_column(activities, TENANT, "app_id", EVERYTHING) == [(20893, 2, 0)]


def test_a_record_counts_for_each_of_its_values(database: Database, clock: Callable[[], int]) -> None:
    """Once, and only if it passes the filter."""
    files = Files(database, clock)
    people = [{"id": "x@b.example"}, {"id": "y@b.example"}, {"id": "z@c.example"}]
    delivered = [{"id": str(at), "appId": 10489, "collaborators": people[at:]} for at in range(3)]
    files.put(TENANT, [record(file_from(each, TENANT, NOW)) for each in delivered])
    assert summaries.by_value(files, TENANT, "domains", EVERYTHING) == [("c.example", 3, 0), ("b.example", 2, 0)]
    assert summaries.by_value(files, TENANT + 1, "domains", EVERYTHING) == []
    assert summaries.by_value(files, TENANT, "domains", OneOf(column("app_id", Kind.INTEGER), (1,))) == []
