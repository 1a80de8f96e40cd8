"""Pages of lists are the same, whichever way they are read."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from opencasb.filters.field import Kind, column
from opencasb.filters.parse import parse
from opencasb.filters.tree import AllOf, Node, Range, Within
from opencasb.store import narrowing, record_pages
from opencasb.store.records import Record, Records
from tests.store.test_records import FILTERS, OTHER, TENANT, ids, record, sightings

__all__ = ["sightings"]

COMMON: dict[str, Any] = {"tags": {"startswith": ["com"]}}
RARE: dict[str, Any] = {"tags": {"eq": ["rare"]}}
BOTH: dict[str, Any] = {"tags": {"eq": ["rare"]}, "codes": {"eq": [2]}}
NONE: dict[str, Any] = {"tags": {"eq": ["nowhere"]}, "codes": {"eq": [2]}}
TIME = column("timestamp", Kind.INTEGER)


@pytest.fixture
def stored(sightings: Records) -> list[Record]:
    """Store records whose times are not in the order of their numbers, some equal; return them by time and id."""
    tags = [("common", "comma"), ("common", "rare"), ("rare",), ("common",), ()]
    made = [record(f"r{n:03}", n * 37 % 60, tags=tags[n % 5], name=f"n{n % 3}") for n in range(200)]
    sightings.add(TENANT, made)
    sightings.add(OTHER, [record(f"o{n:03}", 1000 + n, tags=("common", "rare")) for n in range(50)])
    return sorted(made, key=lambda each: (each.columns["timestamp"], each.record_id))


def _has(each: Record, filters: dict[str, Any]) -> bool:
    if filters is NONE:
        return False
    tags = each.values["tags"]
    wanted = any(tag.startswith("com") for tag in tags) if filters is COMMON else "rare" in tags
    return wanted and (filters is not BOTH or len(tags) == 2)


def _read(sightings: Records, where: Node, *, ascending: bool, size: int) -> list[str]:
    """Return the ids of all pages, each continuing after the last record of the previous one."""
    read: list[str] = []
    after = None
    while rows := sightings.page(TENANT, where, order="timestamp", ascending=ascending, limit=size, after=after):
        read += ids(rows)
        after = rows[-1].key, rows[-1].record_id
    return read


@pytest.mark.parametrize("walked", [5, 40, 1000])
@pytest.mark.parametrize("few", [0, 1000])
def test_a_page_is_the_same_however_it_is_read(
    sightings: Records, stored: Sequence[Record], monkeypatch: pytest.MonkeyPatch, few: int, walked: int
) -> None:
    """By offset, by keyset, and within a time span."""
    monkeypatch.setattr(narrowing, "FEW", few)
    monkeypatch.setattr(record_pages, "WALKED", walked)
    within = {each.record_id for each in stored if 10 <= each.columns["timestamp"] <= 40}
    for filters, ascending in itertools.product((COMMON, RARE, BOTH), (True, False)):
        expected = [each.record_id for each in stored if _has(each, filters)][:: 1 if ascending else -1]
        where = parse(filters, FILTERS, 0)
        for skip, limit in ((0, 3), (2, 4), (30, 7), (len(expected) - 2, 5), (len(expected), 1)):
            rows = sightings.page(TENANT, where, order="timestamp", ascending=ascending, skip=skip, limit=limit)
            assert ids(rows) == expected[skip : skip + limit]
        assert _read(sightings, where, ascending=ascending, size=5) == expected
        span = AllOf((where, Within(TIME, (Range(10, 40),))))
        assert _read(sightings, span, ascending=ascending, size=5) == [each for each in expected if each in within]


@pytest.mark.parametrize("filters", [COMMON, RARE, BOTH, NONE, {}])
def test_a_count_is_exact_up_to_where_it_stops(
    sightings: Records, stored: Sequence[Record], monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any]
) -> None:
    """A record with two matching values counts once; ``common`` has 120 records and 160 values."""
    monkeypatch.setattr(narrowing, "FEW", 0)
    exact = sum(not filters or _has(each, filters) for each in stored)
    for most in (0, 1, 79, 80, 81, 119, 120, 121, 1000):
        counted = sightings.count(TENANT, parse(filters, FILTERS, 0), most)
        assert counted == (min(exact, most), exact > most)


def test_a_search_that_tells_all_spares_the_count(sightings: Records, stored: Sequence[Record]) -> None:
    """If the value index answers the whole filter, records are not counted again; with more filters they are."""
    sent: list[str] = []
    sa.event.listen(sightings.database.engine, "before_cursor_execute", lambda *event: sent.append(event[2]))
    with sightings.database.read() as connection:
        for filters, statements in ((RARE, 1), (BOTH, 2)):
            sent.clear()
            found = sightings.search(connection, TENANT, parse(filters, FILTERS, 0))
            sightings.count(TENANT, parse(filters, FILTERS, 0), connection=connection, found=found)
            assert len([each for each in sent if "count(" in each]) == statements
    assert stored


def test_months_are_left_out_on_postgresql(sightings: Records, stored: Sequence[Record]) -> None:
    """The second query has the time bound of the page."""
    if sightings.database.is_sqlite:
        pytest.skip("SQLite has no months")
    sent: list[str] = []
    sa.event.listen(sightings.database.engine, "before_cursor_execute", lambda *event: sent.append(event[2]))
    rows = sightings.page(TENANT, parse(RARE, FILTERS, 0), order="timestamp", ascending=False, limit=2)
    assert ids(rows) == [each.record_id for each in stored[::-1] if _has(each, RARE)][:2]
    assert "timestamp >=" in sent[-1]


def test_what_is_met_at_the_beginning_tells_how_far_to_look(
    sightings: Records, stored: Sequence[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight of the newest twenty records match, so fifteen are found without a query over all."""
    if sightings.database.is_sqlite:
        pytest.skip("SQLite walks the list")
    monkeypatch.setattr(narrowing, "FEW", 0)
    monkeypatch.setattr(record_pages, "WALKED", 20)
    sent: list[str] = []
    sa.event.listen(sightings.database.engine, "before_cursor_execute", lambda *event: sent.append(event[2]))
    rows = sightings.page(TENANT, parse(RARE, FILTERS, 0), order="timestamp", ascending=False, limit=15)
    assert ids(rows) == [each.record_id for each in stored[::-1] if _has(each, RARE)][:15]
    assert len([each for each in sent if "document" in each]) == 2
    assert "timestamp >=" in sent[-1]


def test_absurd_times_are_looked_for_like_others(sightings: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """However far back a page reaches."""
    monkeypatch.setattr(narrowing, "FEW", 0)
    monkeypatch.setattr(record_pages, "WALKED", 12)
    times = [sign * (2**62 + n) for n in range(10) for sign in (1, -1)]
    sightings.add(TENANT, [record(f"r{n:02}", time, tags=("rare",)) for n, time in enumerate(times)])
    for ascending in (True, False):
        read = _read(sightings, parse(RARE, FILTERS, 0), ascending=ascending, size=15)
        assert (
            read
            == sorted((f"r{n:02}" for n in range(20)), key=lambda each: times[int(each[1:])])[:: 1 if ascending else -1]
        )
