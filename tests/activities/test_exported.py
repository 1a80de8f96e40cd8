"""Stored records in formats for other tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from opencasb.activities import exported
from opencasb.activities.columns import to_record
from opencasb.activities.exported import Resource, frame, pages, time_of
from opencasb.filters.tree import EVERYTHING
from opencasb.store.activities import Activities
from opencasb.store.database import Database
from tests.activities.example import wire
from tests.filters.test_parse import json


@pytest.mark.parametrize(
    ("resource", "document", "time"),
    [
        ("activities", {"timestamp": 5}, 5),
        ("alerts", {"timestamp": 5.9}, 5),
        ("entities", {"lastSeen": "1970-01-01T00:00:01.500Z"}, 1500),
        ("entities", {"lastSeen": "1970-01-01T00:00:01"}, None),
        ("entities", {"lastSeen": "never"}, None),
        ("files", {"modifiedDate": None}, None),
        ("files", {"modifiedDate": True}, None),
        ("files", {"modifiedDate": 10**30}, None),
        ("files", {}, None),
    ],
)
def test_the_time_of_a_record(resource: Resource, document: dict[str, Any], time: int | None) -> None:
    """It is in ms; a missing or invalid time is None."""
    assert time_of(resource, document) == time


@given(json)
def test_any_time_fits_a_table(given_: Any) -> None:
    """The time may have any value."""
    time = time_of("activities", {"timestamp": given_})
    assert time is None or -(2**62) < time < 2**62


def test_what_changes_meanwhile_comes_once(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export is a snapshot: records changed, added or deleted meanwhile appear once, as they were."""
    monkeypatch.setattr(exported, "PAGE", 2)
    activities = Activities(database, clock)
    activities.add(1, [to_record(wire(number, timestamp=number)) for number in range(1, 7)])
    seen = []
    with database.read() as connection:
        for page in pages(activities, connection, 1, EVERYTHING):
            seen += [row.key for row in page]
            activities.put(1, [to_record(wire(1, timestamp=100)), to_record(wire(50, timestamp=50))])
            activities.delete(1, [str(wire(6)["_id"])])
    assert seen == [1, 2, 3, 4, 5, 6]
    with database.read() as connection:
        after = [row.key for page in pages(activities, connection, 1, EVERYTHING) for row in page]
    assert after == [2, 3, 4, 5, 50, 100]


def test_a_table_of_nothing_has_its_columns() -> None:
    """An empty day's file can then be read together with others."""
    assert frame("files", [], []).columns == ["id", "timestamp", "record"]
