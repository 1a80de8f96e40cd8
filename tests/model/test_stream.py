"""Streams: what kind of report one is."""

from __future__ import annotations

import pytest

from opencasb.model.stream import Stream, StreamType
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("stream_type", "number", "is_snapshot"),
    [(StreamType.INPUT, 1, False), (StreamType.VIEW, 3, False), (StreamType.SNAPSHOT, 5, True)],
)
def test_a_snapshot_is_a_one_time_report(stream_type: StreamType, number: int, is_snapshot: bool) -> None:
    """The numbers are those on the wire (api §12.2)."""
    stream = Stream(
        tenant_id=1, stream_id="a" * 24, display_name="x", stream_type=stream_type, created=NOW, last_modified=NOW
    )
    assert (int(stream.stream_type), stream.is_snapshot) == (number, is_snapshot)
