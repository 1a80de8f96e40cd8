"""Removal of a report with all its data: a data source or a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencasb.lake.usage import Lake
    from opencasb.model.stream import Stream
    from opencasb.store.streams import Streams


def remove_stream(stream: Stream, streams: Streams, lake: Lake, *, by: str) -> None:
    """Remove a stream and its usage, which is audited; safe to repeat if interrupted, for instance by a kill.

    Its usage goes first, because it could no longer be removed once the stream is gone. It is removed again afterwards:
    a log in progress may have been counted in between.
    """
    from opencasb.lake.maintenance import forget_stream

    forget_stream(lake, stream.tenant_id, stream.stream_id)
    streams.delete(stream.tenant_id, stream.stream_id, by=by)
    forget_stream(lake, stream.tenant_id, stream.stream_id)
