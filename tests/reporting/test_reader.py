"""Readers and their selections."""

from __future__ import annotations

from datetime import date

from opencasb.model.stream import Stream, StreamType
from opencasb.reporting.reader import Reader, Wanted

STREAMS = [
    Stream(tenant_id=1, stream_id=f"{number}", display_name="x", stream_type=kind, created=0, last_modified=0)
    for number, kind in enumerate(StreamType)
]


def test_the_global_report_is_none_of_the_streams() -> None:
    """It only repeats the usage of others; a role for some reports sees those."""
    assert {each.stream_type for each in Reader(1).visible(STREAMS)} == {StreamType.INPUT, StreamType.SNAPSHOT}
    assert [each.stream_id for each in Reader(1, frozenset({"0", "1"})).visible(STREAMS)] == ["0"]


def test_days_are_limited_by_either_end() -> None:
    """No other option makes a selection dated."""
    assert Wanted(first=date.min).is_dated
    assert Wanted(last=date.max).is_dated
    assert not Wanted(newest=date.max, periods=frozenset()).is_dated
