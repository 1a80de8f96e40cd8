"""Detection of times among unknown fields."""

from __future__ import annotations

import pytest

from opencasb.discovery.custom.definition import Time
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.inference.columns import Column
from opencasb.discovery.inference.times import find_time
from tests.discovery.formats.parsed import RECEIVED

CONTEXT = ParseContext(RECEIVED)


def found(**columns: list[str]) -> Time | None:
    """Return the time found in the columns."""
    time = find_time([Column(name, values, name) for name, values in columns.items()], [], CONTEXT)
    return time.time if time is not None else None


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["1763640000", "1763640001"], Time(["stamp"], "unix")),
        (["1763640000123", "1763640001123"], Time(["stamp"], "unix")),
        (["2025-11-20 12:00:00", "2025-11-20 12:00:01"], Time(["stamp"], "%Y-%m-%d %H:%M:%S")),
        (["20/Nov/2025:12:00:00 +0100", "20/Nov/2025:12:00:01 +0100"], Time(["stamp"], "%d/%b/%Y:%H:%M:%S %z")),
        (["20/11/2025 12:00:00", "05/11/2025 12:00:00"], Time(["stamp"], day_first=True)),
        (["11/20/2025 12:00:00", "11/05/2025 12:00:00"], Time(["stamp"], day_first=False)),
    ],
)
def test_formats(values: list[str], wanted: Time) -> None:
    """Unix time, common patterns, and the order of day and month if the values determine it."""
    assert found(stamp=values, noise=["7", "8"]) == wanted


def test_the_shortest_name() -> None:
    """Sophos's web appliance uses ``t=`` for the time and ``T=`` for the duration of a request."""
    assert found(T=["182", "77"], t=["1763640000", "1763640001"]) == Time(["t"], "unix")


def test_when_a_collector_indexed_a_record_is_not_when_it_happened() -> None:
    later, times = ["2025-11-20 23:12:00", "2025-11-20 23:12:00"], ["20 Nov 2025 12:00:00", "20 Nov 2025 12:00:01"]
    time = found(indexedtime=later, time=times)
    assert time is not None
    assert time.fields == ["time"]


def test_date_and_clock_may_be_apart() -> None:
    """Joined by a blank."""
    assert found(day=["2025-11-20", "2025-11-21"], hour=["12:00:00", "12:00:01"]) == Time(
        ["day", "hour"], "%Y-%m-%d %H:%M:%S"
    )


def test_other_numbers_are_no_times() -> None:
    """Durations, counters, bytes, and implausible times."""
    assert found(duration=["00:10:00", "00:20:00"], bytes=["1763640000", "5"], old=["1901-01-01 00:00:00"] * 2) is None


def test_a_line_may_begin_with_its_time() -> None:
    """It is used if no field has a time."""
    time = find_time([], ["2025-11-20 12:00:00 x", "2025-11-20 12:00:01 y"], CONTEXT)
    assert time is not None


def test_the_time_before_the_pairs_wins_where_it_alone_has_a_zone() -> None:
    """Splitting at blanks removes the zone from ``time=[20/Nov/2025:12:00:00 +0100]``."""
    local = Column("time", ["[20/Nov/2025:12:00:00", "[20/Nov/2025:12:00:01"], "time", named=True)
    texts = [f"176363640{n}.642 time=[20/Nov/2025:12:00:0{n} +0100] src=10.0.0.1" for n in range(2)]
    time = find_time([local], texts, CONTEXT)
    assert time is not None
    assert time.zoned
    without = find_time([local], [text.partition(" ")[2] for text in texts], CONTEXT)
    assert without is not None
    assert without.time.fields == ["time"]
