"""Summaries of records by common values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.activities.columns import to_record
from opencasb.activities.file_columns import record
from opencasb.activities.file_wire import file_from
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
    """Ties by value; with the number of people, for one tenant, with a filter, up to a limit."""
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
    files = Files(database)
    people = [{"id": "x@b.example"}, {"id": "y@b.example"}, {"id": "z@c.example"}]
    delivered = [{"id": str(at), "appId": 10489, "collaborators": people[at:]} for at in range(3)]
    files.put(TENANT, [record(file_from(each, TENANT, NOW)) for each in delivered])
    assert summaries.by_value(files, TENANT, "domains", EVERYTHING) == [("c.example", 3, 0), ("b.example", 2, 0)]
    assert summaries.by_value(files, TENANT + 1, "domains", EVERYTHING) == []
    assert summaries.by_value(files, TENANT, "domains", OneOf(column("app_id", Kind.INTEGER), (1,))) == []


def test_who_has_values_of_their_own(database: Database, clock: Callable[[], int]) -> None:
    """Not shared with anyone else of the tenant among the examined records; other tenants do not matter."""
    activities = Activities(database, clock)
    used = ((1, "a", "192.0.2.1"), (2, "b", "192.0.2.1"), (3, "c", "192.0.2.2"), (4, "c", "192.0.2.3"), (5, "d", ""))
    made = [wire(at, user={"userName": name}, device={"clientIP": ip}, internals={}) for at, name, ip in used]
    activities.add(TENANT, [to_record(each) for each in made])
    activities.add(TENANT + 1, [to_record(each) for each in made[1:3]])
    assert summaries.with_own_values(activities, TENANT, "user_name", "ips", EVERYTHING) == [("c", 2, 2)]
    expected = [("b", 1, 1), ("c", 1, 1)]
    assert summaries.with_own_values(activities, TENANT + 1, "user_name", "ips", EVERYTHING) == expected
    only_b = OneOf(column("user_name"), ("b",))
    assert summaries.with_own_values(activities, TENANT, "user_name", "ips", only_b) == [("b", 1, 1)]


def test_records_are_counted_by_two_columns_and_a_mark(database: Database, clock: Callable[[], int]) -> None:
    """The marked ones are counted among them; the mark does not filter the rest."""
    activities = Activities(database, clock)
    kinds = ((1, 20893, "a", "X"), (2, 20893, "a", "Y"), (3, 11599, "a", "X"))
    made = [wire(at, appId=app, user={"userName": name}, eventTypeName=kind) for at, app, name, kind in kinds]
    activities.add(TENANT, [to_record(each) for each in made])
    mark = OneOf(column("event_type"), ("Y",))
    found = summaries.by_columns(activities, TENANT, ("user_name", "app_id"), EVERYTHING, mark)
    assert found == [("a", 20893, 2, 1), ("a", 11599, 1, 0)]
    assert summaries.by_columns(activities, TENANT + 1, ("user_name", "app_id"), EVERYTHING, mark) == []
