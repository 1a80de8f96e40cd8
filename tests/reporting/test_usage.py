"""Ends of periods, and the merge rule."""

from __future__ import annotations

from datetime import date

import polars as pl

from opencasb.lake.usage import stream_key
from opencasb.model.stream import Stream, StreamType
from opencasb.reporting.schema import APP_USAGE, APP_USAGE_BY_STREAM
from opencasb.reporting.usage import by_stream, ends, merged

ONE, OTHER = (
    Stream(
        tenant_id=1, stream_id=letter * 24, display_name="", stream_type=StreamType.INPUT, created=0, last_modified=0
    )
    for letter in "ab"
)
DAYS = {
    stream_key(ONE.stream_id): [date(2025, 11, 1), date(2025, 11, 5)],
    stream_key(OTHER.stream_id): [date(2025, 11, 3)],
}


def test_a_period_ends_with_the_newest_usage_that_is_not_later() -> None:
    """Each stream has its own end; one without usage until then has no rows."""
    assert ends([ONE, OTHER], DAYS, date(2025, 11, 9)) == {
        ONE.stream_id: date(2025, 11, 5),
        OTHER.stream_id: date(2025, 11, 3),
    }
    assert ends([ONE, OTHER], DAYS, date(2025, 11, 2)) == {ONE.stream_id: date(2025, 11, 1)}
    assert ends([ONE, OTHER], DAYS, date(2025, 10, 31)) == {}


def test_no_stream_gives_no_row() -> None:
    """The result has the columns."""
    nothing = by_stream(pl.LazyFrame(), [ONE], {}, date(2025, 11, 1), "P7D")
    assert nothing.schema == APP_USAGE_BY_STREAM.polars_schema
    assert merged(nothing).schema == APP_USAGE.polars_schema


def test_counts_of_things_are_not_added_and_amounts_are() -> None:
    """If one stream has no device count, the other's is used."""
    key = (date(2025, 11, 1), "P7D")
    rows = [
        (*key, "a", 5, 3, 2, None, 10, 100, 200, 300, date(2025, 10, 30), date(2025, 11, 1)),
        (*key, "b", 5, 1, 4, 2, 1, 1, 2, 3, date(2025, 10, 28), date(2025, 10, 29)),
        (*key, "b", 6, 1, 1, None, 1, 1, 2, 3, date(2025, 10, 28), date(2025, 10, 29)),
    ]
    found = merged(pl.DataFrame(rows, schema=APP_USAGE_BY_STREAM.polars_schema, orient="row"))
    assert found.rows() == [
        (*key, 5, 3, 4, 2, 11, 101, 202, 303, date(2025, 10, 28), date(2025, 11, 1)),
        (*key, 6, 1, 1, None, 1, 1, 2, 3, date(2025, 10, 28), date(2025, 10, 29)),
    ]
