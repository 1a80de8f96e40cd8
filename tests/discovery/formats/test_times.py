"""Times in all formats that devices write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.times import date_and_clock, epoch, local, moment, seconds
from tests.discovery.formats.parsed import RECEIVED

UTC_CONTEXT = ParseContext(RECEIVED)


def read(text: str | None, context: ParseContext = UTC_CONTEXT) -> str | None:
    """Return a time in ISO 8601, or None."""
    value = pl.DataFrame({"text": [text]}, schema={"text": pl.String}).select(moment(pl.col("text"), context)).item()
    return None if value is None else datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds")[:-6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1763640000", "2025-11-20T12:00:00.000"),
        ("1763640000.642", "2025-11-20T12:00:00.642"),
        ("1763640000123", "2025-11-20T12:00:00.123"),
        ("1763640000123456", "2025-11-20T12:00:00.123"),
        ("1763640000123456789", "2025-11-20T12:00:00.123"),
        ("20251120102030", "2025-11-20T10:20:30.000"),
        ("20251120T102030Z", "2025-11-20T10:20:30.000"),
        ("20251120102030.250 +0100", "2025-11-20T09:20:30.250"),
        ("2025-11-20 10:20:30", "2025-11-20T10:20:30.000"),
        ("2025/11/20 10:20:30", "2025-11-20T10:20:30.000"),
        ("2025-11-20T10:20:30.5Z", "2025-11-20T10:20:30.500"),
        ("2025-11-20T10:20:30,25+02:00", "2025-11-20T08:20:30.250"),
        ("2025-11-20T10:20:30-0930", "2025-11-20T19:50:30.000"),
        ("20/Nov/2025:10:20:30 -0700", "2025-11-20T17:20:30.000"),
        ("[20/Nov/2025:10:20:30 +0000]", "2025-11-20T10:20:30.000"),
        ("Nov 20 2025 10:20:30", "2025-11-20T10:20:30.000"),
        ("Nov 20 2025 10:20:30.250 GMT", "2025-11-20T10:20:30.250"),
        ("2025-11-20 10:20:30 \u2028", "2025-11-20T10:20:30.000"),  # another kind of blank is not a zone
        ("2024 Nov 20 10:20:30 UTC", "2024-11-20T10:20:30.000"),
        ("2024-Nov-05 10:20:30", "2024-11-05T10:20:30.000"),
        ("Nov 20 2025 10:20:30 EST", "2025-11-20T15:20:30.000"),
        ("Nov 20 2025 10:20:30 Europe/Berlin", "2025-11-20T09:20:30.000"),
        ("Thu Nov 20 10:20:30 2025", "2025-11-20T10:20:30.000"),
        ("Thu, 20 Nov 2025 10:20:30 GMT", "2025-11-20T10:20:30.000"),
        ("Thursday November 20 2025 10:20:30", "2025-11-20T10:20:30.000"),
        ("Nov 20 10:20:30", "2025-11-20T10:20:30.000"),
        ("Nov  5 10:20:30", "2025-11-05T10:20:30.000"),
        ("2025:11:20-10:20:30", "2025-11-20T10:20:30.000"),
        ("20Nov2025 10:20:30", "2025-11-20T10:20:30.000"),
        ("20/11/2025 11:42:03 PM", "2025-11-20T23:42:03.000"),
        ("20/11/2025 12:42:03 AM", "2025-11-20T00:42:03.000"),
        ("20.11.2025 10:20:30", "2025-11-20T10:20:30.000"),
        ("9/16/19 10:00", "2019-09-16T10:00:00.000"),
        ("1/2/99 10:00", "1999-02-01T10:00:00.000"),
        ("  2025-11-20 10:20:30  ", "2025-11-20T10:20:30.000"),
        ("2025-11-20 10:20:30 XYZ", "2025-11-20T10:20:30.000"),
        ("2025-11-20 10:20:30 No/Where", "2025-11-20T10:20:30.000"),
    ],
)
def test_forms(text: str, expected: str) -> None:
    """Each format in the log-formats reference is parsed."""
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        None, "", "-", "never", "10:20:30", "2025-11-20", "2025-13-20 10:20:30", "2025-02-30 10:20:30",
        "2025-11-20 25:20:30", "2025-11-20 10:61:30", "nan", "inf", "-1763640000", "12", "1e300", "9" * 23,
        "Nov 10:20:30", "Nov 99 10:20:30", "0000-00-00 00:00:00", "x" * 100 + " 10:20:30", "Feb 30 10:20:30",
        "1960-01-01 10:20:30", "Foo 20 10:20:30",
    ],
)  # fmt: skip
def test_what_is_no_time(text: str | None) -> None:
    """Text that is not a time gives none, without an error."""
    assert read(text) is None


@pytest.mark.parametrize(
    ("received", "text", "expected"),
    [
        (datetime(2025, 1, 1, 0, 30, tzinfo=UTC), "Dec 31 23:59:59", "2024-12-31T23:59:59.000"),
        (datetime(2025, 12, 31, 23, 50, tzinfo=UTC), "Jan  1 00:10:00", "2026-01-01T00:10:00.000"),
        (datetime(2025, 6, 1, 12, tzinfo=UTC), "Jun  2 12:00:00", "2025-06-02T12:00:00.000"),
        (datetime(2025, 6, 1, 12, tzinfo=UTC), "Jun  2 12:00:01", "2024-06-02T12:00:01.000"),
        (datetime(2025, 6, 1, 12, tzinfo=UTC), "Feb 29 12:00:00", "2024-02-29T12:00:00.000"),
        (datetime(2024, 2, 28, 13, tzinfo=UTC), "Feb 29 12:00:00", "2024-02-29T12:00:00.000"),
        (datetime(2024, 2, 28, 11, tzinfo=UTC), "Feb 29 12:00:00", "2020-02-29T12:00:00.000"),
    ],
)
def test_year_rule(received: datetime, text: str, expected: str) -> None:
    """A date without a year is placed as close to its receipt as possible, at most a day after it."""
    assert read(text, ParseContext(int(received.timestamp() * 1000))) == expected


def test_day_order() -> None:
    """The context decides ambiguous dates only."""
    month_first = ParseContext(RECEIVED, day_first=False)
    assert read("05/02/2025 11:30:29") == "2025-02-05T11:30:29.000"
    assert read("05/02/2025 11:30:29", month_first) == "2025-05-02T11:30:29.000"
    assert read("25/02/2025 11:30:29", month_first) == "2025-02-25T11:30:29.000"
    assert read("02/25/2025 11:30:29") == "2025-02-25T11:30:29.000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-07-01 12:00:00", "2025-07-01T10:00:00.000"),
        ("2025-03-30 02:30:00", "2025-03-30T01:30:00.000"),  # this hour did not exist
        ("2025-10-26 02:30:00", "2025-10-26T00:30:00.000"),  # this hour occurred twice
        ("Jul  1 12:00:00", "2025-07-01T10:00:00.000"),
        ("2025-07-01 12:00:00Z", "2025-07-01T12:00:00.000"),
    ],
)
def test_local_times(text: str, expected: str) -> None:
    """A time without a zone is the data source's local time, including clock changes."""
    assert read(text, ParseContext(RECEIVED, "Europe/Berlin")) == expected


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001 - a local time has no zone yet
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
)
def test_local_agrees_with_zoneinfo(naive: datetime, zone: str) -> None:
    """Local times are converted according to the time zone database, except in hours that do not exist."""
    naive = naive.replace(microsecond=0)
    there = naive.replace(tzinfo=ZoneInfo(zone))
    if there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive:
        return
    ms = int(naive.replace(tzinfo=UTC).timestamp() * 1000)
    assert pl.select(local(pl.lit(ms), zone)).item() == int(there.timestamp() * 1000)


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1990, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001 - the zone is drawn apart
            st.integers(-12, 12),
            st.sampled_from(
                ["%Y-%m-%dT%H:%M:%S.%f%z", "%d/%b/%Y:%H:%M:%S %z", "%b %d %Y %H:%M:%S %z", "%a %b %d %Y %H:%M:%S %z"]
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_written_times_are_read_back(times: list[tuple[datetime, int, str]]) -> None:
    """A column of times in any mixture of formats and offsets is parsed to the second."""
    written = [(at.replace(tzinfo=timezone(timedelta(hours=hours))), form) for at, hours, form in times]
    column = pl.DataFrame({"text": [at.strftime(form) for at, form in written]})
    found = column.select(moment(pl.col("text"), UTC_CONTEXT) // 1000).to_series().to_list()
    assert found == [int(at.replace(microsecond=0).timestamp()) for at, _ in written]


@given(st.lists(st.text(max_size=40) | st.none(), max_size=5))
def test_any_text(texts: list[str | None]) -> None:
    """Any text gives a time or nothing, and never raises."""
    column = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    assert column.select(moment(pl.col("text"), UTC_CONTEXT)).height == len(texts)


def test_fast_paths() -> None:
    """The fast paths for single formats agree with the general one."""
    frame = pl.DataFrame(
        {"s": ["1763640000.123", "-", None], "date": ["2025-11-20", "x", None], "clock": ["12:00:00"] * 3}
    )
    found = frame.select(
        epoch(pl.col("s")).alias("e"),
        seconds(pl.col("s")).alias("s"),
        date_and_clock(pl.col("date"), pl.col("clock")).alias("d"),
    )
    assert found.rows() == [(RECEIVED + 123, RECEIVED + 123, RECEIVED), (None, None, None), (None, None, None)]


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d%b%Y %H:%M:%S"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_columns_of_one_form_read_like_their_texts(form: str, zone: str) -> None:
    """Whatever is around a text, including invalid times, leap seconds and repeated hours."""
    context = ParseContext(RECEIVED, timezone=zone)
    texts = [datetime(2025, 10, 26, hour, 30, 15, tzinfo=UTC).strftime(form) for hour in range(4)]
    for others in ([], [texts[0].replace(":15", ":60")], [texts[0].replace("2025", "20x5"), None]):
        column = pl.Series("text", [*texts, *others])
        found = column.to_frame().select(moment(pl.col("text"), context)).to_series()
        assert found.to_list() == [
            pl.DataFrame({"text": [text, "20/Nov/2025:10:20:30"]}).select(moment(pl.col("text"), context)).item(0, 0)
            for text in column
        ]
