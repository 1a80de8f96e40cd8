"""Types of streams."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.stream import Stream, StreamType, sources_of, with_sources
from tests.conftest import NOW


def stream(stream_id: str, stream_type: StreamType = StreamType.INPUT, **fields: Any) -> Stream:  # any field
    """Return a stream."""
    times = {"created": NOW, "last_modified": NOW}
    values = {"tenant_id": 1, "display_name": stream_id, "stream_type": stream_type, **times, **fields}
    return Stream(stream_id=stream_id, **values)


@pytest.mark.parametrize(
    ("stream_type", "number", "is_snapshot"),
    [(StreamType.INPUT, 1, False), (StreamType.VIEW, 3, False), (StreamType.SNAPSHOT, 5, True)],
)
def test_a_snapshot_is_a_one_time_report(stream_type: StreamType, number: int, is_snapshot: bool) -> None:
    """Numbers are those of the API (api §12.2)."""
    made = stream("a", stream_type)
    assert (int(made.stream_type), made.is_snapshot) == (number, is_snapshot)


VIEW = stream("view", StreamType.VIEW)
EDGE = stream("edge", has_users=True, has_total_bytes=True, log_files=2, last_data_received=NOW)
BRANCH = stream("branch", has_devices=True, log_files=3, failed_log_files=1, last_data_received=NOW - 5)
APART = stream("apart", global_aggregated=False, log_files=7, has_uploaded_bytes=True)
SNAPSHOT = stream("once", StreamType.SNAPSHOT, log_files=1, has_downloaded_bytes=True)
EVERY = [VIEW, EDGE, BRANCH, APART, SNAPSHOT]


def test_the_global_report_has_what_its_sources_have() -> None:
    """Counts are added, the newest data count, and an attribute is there if any source has it."""
    assert sources_of(VIEW, EVERY) == [EDGE, BRANCH]
    whole = with_sources(VIEW, EVERY)
    assert (whole.log_files, whole.failed_log_files, whole.last_data_received) == (5, 1, NOW)
    assert (whole.has_users, whole.has_devices, whole.has_total_bytes) == (True, True, True)
    assert (whole.has_uploaded_bytes, whole.has_downloaded_bytes) == (False, False)
    assert (whole.stream_id, whole.display_name) == ("view", "view")
    assert with_sources(VIEW, [VIEW]) == VIEW


@pytest.mark.parametrize("made", [EDGE, APART, SNAPSHOT])
def test_every_other_report_is_its_own_source(made: Stream) -> None:
    """Nothing in it changes."""
    assert sources_of(made, EVERY) == [made]
    assert with_sources(made, EVERY) == made
