"""Usage habits, from daily usage."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from opencasb.discovery.habits import Habits, habits
from tests.lake.rows import usage_frame

FIRST_ID = 1_000_000_000
MONDAY = date(2025, 11, 17)


def usage(*visits: tuple[int, int | None, int, int, int]) -> pl.LazyFrame:
    """Return usage from (app, user, days after a Monday, UTC hours of the first and last use)."""
    rows = []
    for app, user, after, first, last in visits:
        day = MONDAY + timedelta(days=after)
        midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
        times = (midnight + first * 3_600_000, midnight + last * 3_600_000)
        rows.append((1, day, 7, app, user, 100 + (user or 0), None, None, 3, 0, 10, 20, 30, *times))
    return usage_frame(rows).lazy()


def test_people_days_and_hours_are_counted() -> None:
    """Only for the given apps, while the period and the working hours are those of all usage."""
    listed = [(5, user, after, 8, 16) for user in range(9) for after in (0, 1, 13)]
    mine = [(FIRST_ID, 1, 0, 9, 10), (FIRST_ID, 1, 1, 9, 23), (FIRST_ID, 2, 5, 9, 9), (FIRST_ID, 2, 13, 3, 3)]
    assert habits(usage(*listed, *mine), FIRST_ID) == {
        FIRST_ID: Habits(
            app_id=FIRST_ID,
            people=2,
            returning=2,
            person_days=4,
            at_work=1,
            days=4,
            before=2,
            after=1,
            transactions=12,
            uploaded_bytes=40,
            downloaded_bytes=80,
            total_bytes=120,
            period=14,
            work_begins=7,
        )
    }


def test_the_hours_of_work_may_lie_across_midnight() -> None:
    """In distant time zones they do in UTC."""
    found = habits(usage(*[(FIRST_ID, user, 0, hour, hour) for user, hour in enumerate((22, 23, 0, 1, 7))]), FIRST_ID)
    assert found[FIRST_ID].work_begins == 22
    assert found[FIRST_ID].at_work == 5


def test_streams_without_users_have_people_by_address() -> None:
    """A device or address stands for the person."""
    found = habits(usage((FIRST_ID, None, 0, 9, 9)).with_columns(ip_id=pl.Series([4], dtype=pl.Int64)), FIRST_ID)
    assert found[FIRST_ID].people == 1


def test_no_usage_has_no_habits() -> None:
    """An empty lake is not an error."""
    assert habits(usage(), FIRST_ID) == {}
    assert habits(usage((5, 1, 0, 9, 9)), FIRST_ID) == {}
