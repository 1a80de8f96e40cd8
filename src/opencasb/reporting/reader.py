"""The reader of a feed, and the part of a table that is requested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from opencasb.model.stream import Stream, StreamType, limited_to


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one tenant's feeds: all streams, or only ``stream_ids``; ``sees_users`` is the user-data right."""

    tenant_id: int
    stream_ids: frozenset[str] | None = None
    sees_users: bool = False

    def visible(self, streams: Sequence[Stream]) -> list[Stream]:
        """Return the streams in the feeds, without the global report, which would count usage twice."""
        visible = limited_to(self.stream_ids, streams)
        return [stream for stream in visible if stream.stream_type is not StreamType.VIEW]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The requested part of a table; None means no limit.

    ``first`` and ``last`` bound ``AsOfDate``, inclusive. ``newest`` pins the newest day, which keeps the pages of one
    response consistent. ``users`` splits daily usage by user and address.
    """

    first: date | None = None
    last: date | None = None
    periods: frozenset[str] | None = None
    stream_ids: frozenset[str] | None = None
    newest: date | None = None
    users: bool = False

    @property
    def is_dated(self) -> bool:
        """Whether the days are limited."""
        return self.first is not None or self.last is not None
