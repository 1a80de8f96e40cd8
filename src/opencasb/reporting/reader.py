"""Who reads a feed, and what part of a table is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from opencasb.model.stream import Stream, StreamType


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one tenant's feeds: of all streams, or of ``stream_ids``; ``sees_users`` is the user-data right."""

    tenant_id: int
    stream_ids: frozenset[str] | None = None
    sees_users: bool = False

    def visible(self, streams: Sequence[Stream]) -> list[Stream]:
        """Return the streams of the feeds: without the global report, which would count their usage twice."""
        return [
            stream
            for stream in streams
            if stream.stream_type is not StreamType.VIEW
            and (self.stream_ids is None or stream.stream_id in self.stream_ids)
        ]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of a table; None is no limit.

    ``first`` and ``last`` bound ``AsOfDate``, both included. ``newest`` is the newest day there is taken to be, which
    keeps pages of one answer together. ``users`` splits daily usage by user and address.
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
