"""Counts what receivers take, drop and fail at per data source, until it is stored."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import msgspec

from opencasb.model.stream import Stream
from opencasb.store.receiver_counters import ReceiverCounters, Taken


def in_a_line(error: Exception) -> str:
    """Return an error as one line; object store libraries append pages of their own."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


class Tally:
    """What happened to one data source since it was last stored. Thread-safe."""

    def __init__(self, stream: Stream, clock: Callable[[], int]) -> None:
        self._nothing = Taken(tenant_id=stream.tenant_id, stream_id=stream.stream_id)
        self._sum = self._nothing
        self._clock = clock
        self._lock = Lock()

    def took(self, lines: int, size: int) -> None:
        """Count lines and their bytes."""
        self.add(msgspec.structs.replace(self._nothing, lines=lines, bytes=size, last_seen=self._clock()))

    def dropped(self, messages: int) -> None:
        """Count messages dropped for lack of room."""
        self.add(msgspec.structs.replace(self._nothing, drops=messages))

    def failed(self, error: Exception) -> None:
        """Count a failure."""
        self.add(msgspec.structs.replace(self._nothing, errors=1, last_error=in_a_line(error)))

    def drain(self) -> Taken | None:
        """Return and reset what there is to store, if anything."""
        with self._lock:
            found, self._sum = self._sum, self._nothing
        return None if found == self._nothing else found

    def add(self, more: Taken) -> None:
        """Count more of what happened, or again what could not be stored."""
        with self._lock:
            old = self._sum
            self._sum = msgspec.structs.replace(
                old,
                **{name: getattr(old, name) + getattr(more, name) for name in ("lines", "bytes", "drops", "errors")},
                last_seen=max(old.last_seen or 0, more.last_seen or 0) or None,
                last_error=more.last_error or old.last_error,
            )


class Tallies:
    """The tallies of all data sources with a receiver."""

    def __init__(self, counters: ReceiverCounters, clock: Callable[[], int]) -> None:
        self._counters = counters
        self._clock = clock
        self._tallies: dict[tuple[int, str], Tally] = {}

    def of(self, stream: Stream) -> Tally:
        """Return the tally of a data source."""
        key = (stream.tenant_id, stream.stream_id)
        return self._tallies.setdefault(key, Tally(stream, self._clock))

    def write(self) -> None:
        """Add the tallies to the stored counters; what cannot be stored is kept for the next time."""
        drained = [(tally, taken) for tally in [*self._tallies.values()] if (taken := tally.drain()) is not None]
        try:
            self._counters.add(taken for _, taken in drained)
        except Exception:
            for tally, taken in drained:
                tally.add(taken)
            raise
