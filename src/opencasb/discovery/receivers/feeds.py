"""What each data source receives by syslog, from the journal to the upload queue.

Segments are queued once they are old enough, oldest first, and only as far as there is room: with thousands of sources,
or logs that arrive faster than they are parsed, segments become larger rather than more numerous. Tenants with fewer
segments in the queue come first, and one without any always gets one in. When the journals have no room either, the
receivers stop reading (TCP) or count what they drop (UDP).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from opencasb.discovery.intake import Intake
from opencasb.discovery.receivers.backlog import Backlog
from opencasb.discovery.receivers.headers import Headers
from opencasb.discovery.receivers.journal import Journal
from opencasb.discovery.receivers.tallies import Tallies, Tally
from opencasb.model.stream import Stream
from opencasb.store.uploads import SYSLOG, Uploads

_log = structlog.get_logger(__name__)

MOST_QUEUED: Final = 64
"""Most segments in the queue, besides one of each tenant; others wait in their journals, as do the files of one place
where they are."""

_PIECE: Final = 1024 * 1024


class Feed:
    """The journal of one data source."""

    def __init__(self, stream: Stream, folder: Path, tally: Tally) -> None:
        self.stream = stream
        self.tally = tally
        self.journal = Journal(folder)
        self.since: float | None = None
        """When the oldest line of the open segment arrived."""
        left = self.journal.ready()
        self.has_ready = bool(left)
        self.came = sum(path.stat().st_size for path in left)
        """Bytes received since the start, plus those left over from before."""
        self.went = 0
        """Bytes of these that were handed over; updated by another thread."""
        self._headers = Headers(folder / "headers")
        self._above = b""
        """The header in force at the end of the open segment."""
        self._repeated: dict[str, tuple[int, int]] = {}
        """Header lines that we repeated in segments and their bytes, by segment id."""

    def append(self, sender: str, lines: bytes, now: float) -> None:
        """Store whole lines of a sender under its header. Raises ``OSError``."""
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
        else:  # the segment was full and is detached
            self.has_ready, self.since = True, None

    def detach(self) -> None:
        """Detach the open segment for handing over."""
        self.since, self.has_ready = None, True
        self.journal.detach()

    def handed_over(self, segment: str, lines: int, size: int) -> None:
        """Count a segment of ``size`` bytes that is now in the queue, without the headers that we repeated."""
        self.went += size
        again, bytes_again = self._repeated.pop(segment, (0, 0))
        self.tally.took(lines - again, size - bytes_again)


class Feeds:
    """The feeds of all syslog sources on this server."""

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
        """Keep journals below ``root``, of at most ``most_bytes`` in total, shared by :class:`Backlog`."""
        self._root = root
        self._intake = intake
        self._uploads = uploads
        self.tallies = tallies
        self._flush_seconds = flush_seconds
        self._backlog = Backlog(most_bytes)
        self._now = now
        self._feeds: dict[str, Feed] = {}

    def of(self, stream: Stream) -> Feed:
        """Return the feed of a data source, with the stream updated."""
        feed = self._feeds.get(stream.stream_id)
        if feed is None:
            feed = Feed(stream, self._root / stream.stream_id, self.tallies.of(stream))
            self._feeds[stream.stream_id] = feed
        feed.stream = stream
        return feed

    def keep(self, stream_ids: Collection[str]) -> None:
        """Forget the feeds of other data sources, which take a share of the room, once they are handed over."""
        feeds = self._feeds.items()
        self._feeds = {key: feed for key, feed in feeds if key in stream_ids or feed.came != feed.went}

    def is_full(self, tenant_id: int) -> bool:
        """Whether no more lines of a tenant are accepted until some have been handed over."""
        return self._backlog.is_full(tenant_id)

    def append(self, feed: Feed, lines: bytes, sender: str = "") -> None:
        """Store whole lines that an address sent to a data source. Raises ``OSError``."""
        before = feed.came
        feed.append(sender, lines, self._now())
        self._backlog.add(feed.stream.tenant_id, feed.came - before)

    def has_due(self) -> bool:
        """Count what waits in the journals, and return whether a segment is old enough; call it every second or so."""
        self._count()
        return bool(self._waiting(self._flush_seconds))

    def queued(self) -> Mapping[int, int]:
        """Return how many segments are in the queue, by tenant; the database may not answer for a while."""
        return self._uploads.queued_by_tenant(SYSLOG)

    def due(self, queued: Mapping[int, int] | None) -> list[Feed]:
        """Detach the segments that are old enough and fit beside those ``queued``; without these, every segment.

        Return their feeds. Call it in the thread that appends lines.
        """
        chosen = self._waiting(0) if queued is None else _fitting(self._waiting(self._flush_seconds), queued)
        for feed in chosen:
            feed.detach()
        return chosen

    def _waiting(self, seconds: float) -> list[Feed]:
        """Return the feeds with segments of that age, those left over first, then the oldest first."""
        before = self._now() - seconds
        ages = [(feed.since, feed) for feed in self._feeds.values() if feed.since is not None and feed.since <= before]
        old = [feed for _, feed in sorted(ages, key=lambda each: each[0])]
        return [*(feed for feed in self._feeds.values() if feed.has_ready and feed.since is None), *old]

    def _count(self) -> None:
        """Count what waits in the journals."""
        waiting: Counter[int] = Counter()
        for feed in self._feeds.values():
            waiting[feed.stream.tenant_id] += feed.came - feed.went
        self._backlog.count(waiting)

    def hand_over(self, due: Iterable[Feed]) -> None:
        """Queue the segments of feeds; this takes a while. A segment that fails stays and is retried."""
        for feed in due:
            feed.has_ready = False  # first, because a segment may be detached meanwhile
            with _counted(feed):
                for path in feed.journal.ready():
                    self._queue(feed, path)

    def _queue(self, feed: Feed, path: Path) -> None:
        size, lines = path.stat().st_size, _lines_of(path)
        self._intake.enqueue(feed.stream, path, origin=SYSLOG, filename="syslog", upload_id=path.stem)
        feed.handed_over(path.stem, lines, size)


def _fitting(due: Sequence[Feed], queued: Mapping[int, int]) -> list[Feed]:
    """Return those of the feeds, given in their order, whose segments fit into the queue beside those ``queued``."""
    queue = Counter(queued)
    room = MOST_QUEUED - queue.total()
    ahead = []
    for feed in due:
        ahead.append((queue[feed.stream.tenant_id], feed))
        queue[feed.stream.tenant_id] += 1
    ahead.sort(key=lambda each: each[0])
    return [feed for place, (before, feed) in enumerate(ahead) if place < room or before == 0]


@contextmanager
def _counted(feed: Feed) -> Iterator[None]:
    """Count and log a failure and continue, so that the other sources get their turn."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is retried
        feed.has_ready = True
        feed.tally.failed(error)
        _log.error("segment cannot be handed over", error=repr(error))


def _lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(_PIECE), b""))
