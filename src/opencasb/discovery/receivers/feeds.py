"""What arrives for each data source by syslog, from the journal to the queue of uploads.

Segments go into the queue when they are old enough, the oldest first, and only as many as there is room for: with
thousands of sources, or logs that come faster than they are parsed, segments grow larger instead of more numerous. When
the journals have no room either, the receivers stop reading (TCP) or count what they drop (UDP).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
import structlog

from opencasb.discovery.intake import Intake
from opencasb.discovery.receivers.headers import Headers
from opencasb.discovery.receivers.journal import Cut, Journal
from opencasb.model.stream import Stream
from opencasb.store.receiver_counters import ReceiverCounters, Taken
from opencasb.store.uploads import SYSLOG, Uploads

_log = structlog.get_logger(__name__)

MOST_QUEUED: Final = 64
"""Segments in the queue beyond which others wait in their journals; so do the files of one place where they are."""

_PIECE: Final = 1024 * 1024


def in_a_line(error: Exception) -> str:
    """Return what went wrong; libraries of object stores add pages about themselves."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


class Tally:
    """What happened to one data source since it was last written down. Safe for threads."""

    def __init__(self, stream: Stream, clock: Callable[[], int]) -> None:
        self._nothing = Taken(tenant_id=stream.tenant_id, stream_id=stream.stream_id)
        self._sum = self._nothing
        self._clock = clock
        self._lock = Lock()

    def took(self, lines: int, size: int) -> None:
        """Count lines and their bytes."""
        self._add(msgspec.structs.replace(self._nothing, lines=lines, bytes=size, last_seen=self._clock()))

    def dropped(self, messages: int) -> None:
        """Count messages there was no room for."""
        self._add(msgspec.structs.replace(self._nothing, drops=messages))

    def failed(self, error: Exception) -> None:
        """Count a failure."""
        self._add(msgspec.structs.replace(self._nothing, errors=1, last_error=in_a_line(error)))

    def drain(self) -> Taken | None:
        """Return what there is to write down, if anything; it is ours no more."""
        with self._lock:
            found, self._sum = self._sum, self._nothing
        return None if found == self._nothing else found

    def give_back(self, taken: Taken) -> None:
        """Take back what could not be written down."""
        self._add(taken)

    def _add(self, more: Taken) -> None:
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
        """Add what happened to the stored counters; what cannot be stored is kept for the next time."""
        drained = [(tally, taken) for tally in [*self._tallies.values()] if (taken := tally.drain()) is not None]
        try:
            self._counters.add(taken for _, taken in drained)
        except Exception:
            for tally, taken in drained:
                tally.give_back(taken)
            raise


class Feed:
    """The journal of one data source."""

    def __init__(self, stream: Stream, folder: Path, tally: Tally) -> None:
        self.stream = stream
        self.tally = tally
        self.journal = Journal(folder)
        self.since: float | None = None
        """When the oldest line of the open segment came."""
        left = self.journal.ready()
        self.has_ready = bool(left)
        self.came = sum(path.stat().st_size for path in left)
        """Bytes that came since the start, and those that were left before it."""
        self.went = 0
        """Bytes of these that were handed over; another thread counts them."""
        self._headers = Headers(folder / "headers")
        self._above = b""
        """The header that is in force at the end of the open segment."""
        self._repeated: dict[str, tuple[int, int]] = {}
        """Header lines and their bytes that we wrote into segments, by the segments' ids."""

    def append(self, sender: str, lines: bytes, now: float) -> None:
        """Store whole lines of a sender, below its header. Raises ``OSError``."""
        above = self._above if self.journal.size else b""
        lead = self._headers.lead(sender, above)
        newest = self._headers.note(sender, lines)
        segment = self.journal.append(lead + lines)
        self._above = newest or lead or above
        if lead:
            count, size = self._repeated.get(segment, (0, 0))
            self._repeated[segment] = count + 1, size + len(lead)
        self.came += len(lead) + len(lines)
        if self.journal.size:
            self.since = now if self.since is None else self.since
        else:  # the segment was full, and is ready
            self.has_ready, self.since = True, None

    def cut(self) -> Cut | None:
        """Take the open segment off, to be handed over."""
        self.since, self.has_ready = None, True
        return self.journal.cut()

    def handed_over(self, segment: str, lines: int, size: int) -> None:
        """Count a segment of ``size`` bytes that is the queue's now; headers that we repeated did not come again."""
        self.went += size
        again, bytes_again = self._repeated.pop(segment, (0, 0))
        self.tally.took(lines - again, size - bytes_again)


class Feeds:
    """The feeds of all syslog sources of this server."""

    def __init__(
        self,
        root: Path,
        intake: Intake,
        uploads: Uploads,
        tallies: Tallies,
        *,
        flush_seconds: float,
        most_bytes: int,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep journals below ``root``, of at most ``most_bytes`` in all."""
        self._root = root
        self._intake = intake
        self._uploads = uploads
        self._tallies = tallies
        self._flush_seconds = flush_seconds
        self._most_bytes = most_bytes
        self._now = now
        self._feeds: dict[str, Feed] = {}
        self._waiting = 0

    def of(self, stream: Stream) -> Feed:
        """Return the feed of a data source, as it is now."""
        feed = self._feeds.get(stream.stream_id)
        if feed is None:
            feed = Feed(stream, self._root / stream.stream_id, self._tallies.of(stream))
            self._feeds[stream.stream_id] = feed
        feed.stream = stream
        return feed

    def tally(self, stream: Stream) -> Tally:
        """Return the tally of a data source, which need not have a feed yet."""
        return self._tallies.of(stream)

    @property
    def is_full(self) -> bool:
        """Whether no more lines may come until some are handed over."""
        return self._waiting >= self._most_bytes

    def append(self, feed: Feed, lines: bytes, sender: str = "") -> None:
        """Store whole lines of a data source that an address sent. Raises ``OSError``."""
        before = feed.came
        feed.append(sender, lines, self._now())
        self._waiting += feed.came - before

    def due(self, *, at_once: bool = False) -> list[tuple[Feed, Cut | None]]:
        """Cut the segments that are old enough; call it where lines are appended, not in another thread."""
        self._waiting = sum(feed.came - feed.went for feed in self._feeds.values())
        before = self._now() - (0 if at_once else self._flush_seconds)
        ages = [(feed.since, feed) for feed in self._feeds.values() if feed.since is not None and feed.since <= before]
        old = [feed for _, feed in sorted(ages, key=lambda each: each[0])]
        left = [feed for feed in self._feeds.values() if feed.has_ready and feed.since is None]
        if not old and not left:
            return []
        room = len(self._feeds) if at_once else max(0, MOST_QUEUED - self._uploads.queued(origin=SYSLOG))
        return [(feed, feed.cut()) for feed in [*left, *old][:room]]

    def hand_over(self, due: Iterable[tuple[Feed, Cut | None]]) -> None:
        """Queue segments; takes a while. What fails stays and comes again."""
        for feed, cut in due:
            with _counted(feed.tally):
                if cut is not None:
                    cut.close()
                for segment in feed.journal.ready():
                    self._queue(feed, segment)
                feed.has_ready = False

    def _queue(self, feed: Feed, segment: Path) -> None:
        size, lines = segment.stat().st_size, _lines_of(segment)
        self._intake.enqueue(feed.stream, segment, origin=SYSLOG, filename="syslog", upload_id=segment.stem)
        feed.handed_over(segment.stem, lines, size)


@contextmanager
def _counted(tally: Tally) -> Iterator[None]:
    """Count and log a failure and go on: the other sources have their turn."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is tried again
        tally.failed(error)
        _log.error("segment cannot be handed over", error=repr(error))


def _lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b""))
