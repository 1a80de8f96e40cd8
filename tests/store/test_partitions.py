"""Monthly partitions of activities on PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.columns import to_record
from opencasb.filters.fields import ACTIVITIES as FILTERS
from opencasb.filters.parse import parse
from opencasb.model.durations import DAY
from opencasb.store import partitions
from opencasb.store.activities import ACTIVITIES, Activities
from opencasb.store.database import Database
from opencasb.store.partitions import Span
from opencasb.store.records import Record
from tests.activities.example import TENANT, wire
from tests.conftest import NOW, create_schema

OTHER = TENANT + 1
LONG_AGO, FAR_AHEAD = 0, 253_402_300_799_000
"""The years 1970 and 9999."""


@pytest.fixture
def parted(postgresql_url: str) -> Iterator[Database]:
    """An empty PostgreSQL database that has no months before and after the test."""
    opened = Database(postgresql_url)
    create_schema(opened)
    partitions.drop(opened, FAR_AHEAD)
    yield opened
    create_schema(opened)
    partitions.drop(opened, FAR_AHEAD)
    opened.close()


def at(number: int, timestamp: int) -> Record:
    """Return the record of an activity at a given time."""
    return to_record(wire(number, timestamp=timestamp))


def places(database: Database, table: sa.Table = ACTIVITIES.table) -> dict[str, int]:
    """Return the number of rows in each non-empty partition."""
    part: sa.ColumnElement[str] = sa.literal_column("tableoid::regclass::text")
    with database.read() as connection:
        query = sa.select(part, sa.func.count()).select_from(table).group_by(part)
        return {name: number for name, number in connection.execute(query)}  # noqa: C416 -- typed so


def months(database: Database) -> list[str]:
    """Return the names of the partitions of activities."""
    with database.read() as connection:
        return [name.removeprefix("activities_") for name, _ in partitions.spans(connection, ACTIVITIES.table)]


@given(st.integers(0, FAR_AHEAD - 62 * DAY))
def test_a_month_is_of_the_calendar(time: int) -> None:
    """It starts on the first day, contains its time, and ends where the next begins."""
    month = partitions.month_of(time)
    assert month.start is not None
    assert month.start <= time < month.end
    assert datetime.fromtimestamp(month.start / 1000, UTC).day == datetime.fromtimestamp(month.end / 1000, UTC).day == 1
    assert partitions.month_of(month.end).start == month.end


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (40, ["2025_10", "2025_11", "2025_12"]),
        (1, ["2025_11", "2025_12"]),
    ],
)
def test_months_of_kept_rows_and_the_next_are_made(parted: Database, days: int, expected: list[str]) -> None:
    """Both tables have the same months; existing ones are not created again."""
    made = partitions.prepare(parted, NOW, days)
    assert made == [f"{table}_{month}" for table in ("activities", "activities_values") for month in expected]
    assert months(parted) == expected
    assert partitions.prepare(parted, NOW, days) == []
    assert len(partitions.prepare(parted, NOW + 30 * DAY, days)) == 2


def test_rows_that_are_kept_for_ever_lie_in_months_of_a_year(parted: Database) -> None:
    """Rows older than a year share one partition, so that no time creates a month."""
    partitions.prepare(parted, NOW, 0)
    assert months(parted) == ["before", "2024_11", "2024_12", *(f"2025_{month:02}" for month in range(1, 13))]
    assert partitions.prepare(parted, NOW, 0) == []


def test_absurd_times_are_taken_and_make_no_month(parted: Database, clock: Callable[[], int]) -> None:
    """Rows outside all months go to the default partition; lists, ids and the feed include them."""
    partitions.prepare(parted, NOW, 40)
    activities = Activities(parted, clock)
    times = [LONG_AGO, NOW - 20 * DAY, NOW, FAR_AHEAD]
    assert activities.add(TENANT, [at(number, time) for number, time in enumerate(times)]) == 4
    assert places(parted) == {"activities_default": 2, "activities_2025_10": 1, "activities_2025_11": 1}
    assert set(places(parted, ACTIVITIES.values)) == {f"activities_values{name[10:]}" for name in places(parted)}
    rows = activities.page(TENANT, order="timestamp", ascending=True)
    assert [row.key for row in rows] == times
    assert [change.seq for change in activities.since(TENANT, 0, 10)] == [1, 2, 3, 4]
    assert all(activities.get(TENANT, row.record_id) for row in rows)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([{"end": LONG_AGO}, {"start": NOW}], 2),
        ([{"start": LONG_AGO, "end": LONG_AGO}, {"start": NOW, "end": NOW}], 2),
        ([{}, {"end": LONG_AGO}], 3),
        ([{}], 3),
    ],
)
def test_several_ranges_reach_rows_without_a_month(
    parted: Database, clock: Callable[[], int], ranges: list[dict[str, int]], expected: int
) -> None:
    """Any of the ranges suffices, wherever the rows lie (api §6.3)."""
    partitions.prepare(parted, NOW, 40)
    store = Activities(parted, clock)
    store.add(TENANT, [at(1, LONG_AGO), at(2, NOW - DAY), at(3, NOW)])
    where = parse({"date": {"range": ranges}, "created": {"range": [{}]}}, FILTERS, NOW)
    assert store.count(TENANT, where) == (expected, False)


def test_an_id_is_there_once_in_all_months(parted: Database, clock: Callable[[], int]) -> None:
    """A record redelivered with another time is ignored, or replaces the existing one."""
    partitions.prepare(parted, NOW, 40)
    activities = Activities(parted, clock)
    first, moved = (Record("same", each.columns, each.values, each.document) for each in (at(1, NOW), at(1, LONG_AGO)))
    assert activities.add(TENANT, [first]) == 1
    assert activities.add(TENANT, [moved]) == 0
    assert places(parted) == {"activities_2025_11": 1}
    activities.put(TENANT, [moved])
    assert places(parted) == {"activities_default": 1}
    assert list(places(parted, ACTIVITIES.values)) == ["activities_values_default"]


def test_rows_move_to_their_month(parted: Database, clock: Callable[[], int]) -> None:
    """Rows that arrived before their month existed are moved to it."""
    activities = Activities(parted, clock)
    activities.add(TENANT, [at(number, time) for number, time in enumerate([LONG_AGO, NOW, FAR_AHEAD])])
    before = activities.page(TENANT, order="timestamp", ascending=False)
    assert places(parted) == {"activities_default": 3}
    partitions.prepare(parted, NOW, 1)
    assert places(parted) == {"activities_default": 2, "activities_2025_11": 1}
    partitions.prepare(parted, NOW, 0)
    assert places(parted) == {"activities_before": 1, "activities_default": 1, "activities_2025_11": 1}
    assert activities.page(TENANT, order="timestamp", ascending=False) == before


def test_a_month_goes_when_all_of_it_is_too_old(parted: Database, clock: Callable[[], int]) -> None:
    """Its rows of all tenants go with it.

    In an unfinished month, and outside of months, rows are deleted individually.
    """
    partitions.prepare(parted, NOW, 40)
    activities = Activities(parted, clock)
    times = [LONG_AGO, NOW - 25 * DAY, NOW - 10 * DAY, NOW]
    for tenant in (TENANT, OTHER):
        activities.add(tenant, [at(number, time) for number, time in enumerate(times)])
    assert partitions.drop(parted, NOW - 9 * DAY) == ["activities_2025_10", "activities_values_2025_10"]
    assert activities.expire(TENANT, NOW - 9 * DAY) == 2
    assert [len(activities.page(each, order="timestamp", ascending=True)) for each in (TENANT, OTHER)] == [1, 3]
    assert partitions.drop(parted, NOW - 9 * DAY) == []


def test_who_holds_a_table_is_not_disturbed(parted: Database, clock: Callable[[], int]) -> None:
    """A month that cannot be created or dropped now is left for later; rows are stored in the default partition."""
    partitions.prepare(parted, NOW, 1)
    with parted.read() as reader:
        reader.execute(sa.select(ACTIVITIES.table.c.seq)).all()
        assert partitions.drop(parted, NOW + 60 * DAY) == ["activities_values_2025_11", "activities_values_2025_12"]
        assert partitions.prepare(parted, NOW, 1) == ["activities_values_2025_11", "activities_values_2025_12"]
        Activities(parted, clock).add(TENANT, [at(1, NOW)])
    assert partitions.drop(parted, NOW + 60 * DAY)[:2] == ["activities_2025_11", "activities_2025_12"]


def test_a_database_that_may_not_be_written_has_no_new_months(parted: Database) -> None:
    """They are left for later, and readers are not blocked."""
    address = sa.make_url(parted.url).update_query_dict({"options": "-c default_transaction_read_only=on"})
    reader = Database(address.render_as_string(hide_password=False))
    assert partitions.prepare(reader, NOW, 1) == []
    reader.close()
    assert len(partitions.prepare(parted, NOW, 1)) == 4


def test_spans_meet_where_they_have_a_time_in_common() -> None:
    """The end is excluded; a span without a start is unbounded."""
    first, second, early = Span(0, 10), Span(10, 20), Span(None, 5)
    pairs = itertools.combinations([first, second, early], 2)
    assert [one.meets(other) for one, other in pairs] == [False, True, False]
    assert Span(9, 11).meets(first)
    assert Span(9, 11).meets(second)


def test_sqlite_has_no_months(tmp_path: Path) -> None:
    """Nothing is created or dropped."""
    database = Database(f"sqlite:///{tmp_path}/opencasb.sqlite3")
    assert partitions.prepare(database, NOW, 0) == partitions.drop(database, NOW) == []
    database.close()


def test_a_month_that_goes_as_a_whole_was_told(parted: Database, clock: Callable[[], int]) -> None:
    """Followers of activities get the time before which none are kept; tenants without old ones do not."""
    partitions.prepare(parted, NOW, 40)
    activities = Activities(parted, clock)
    activities.add(TENANT, [at(1, NOW - 35 * DAY), at(2, NOW)])
    activities.add(OTHER, [at(1, NOW)])
    before = NOW - 19 * DAY
    assert activities.tell_expiry(TENANT, before)
    assert not activities.tell_expiry(OTHER, before)
    assert len(partitions.drop(parted, before)) == 2
    assert activities.expire(TENANT, before) == 0
    found = activities.since(TENANT, 0, 10)
    assert [(each.seq, each.deleted) for each in found] == [(2, False), (3, True)]
    assert b'"expiredBefore":%d' % before in found[1].document
