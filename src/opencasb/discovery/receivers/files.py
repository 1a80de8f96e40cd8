"""Takes whole files for data sources from folders, from FTP and SFTP drops, and from object stores."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final

import structlog

from opencasb.discovery.intake import Intake
from opencasb.discovery.receivers.attempts import Attempts
from opencasb.discovery.receivers.feeds import MOST_QUEUED
from opencasb.discovery.receivers.folder import FolderWatch
from opencasb.discovery.receivers.logins import Logins
from opencasb.discovery.receivers.objects import ObjectWatch, open_store
from opencasb.discovery.receivers.polling import Place, Polling
from opencasb.discovery.receivers.tallies import Tallies, in_a_line
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding
from opencasb.store.taken_objects import TakenObjects
from opencasb.store.uploads import Uploads

_log = structlog.get_logger(__name__)

LOGINS: Final = ("ftp", "ftps", "sftp")
OBJECTS: Final = "object-store"
SILENCE: Final = 600.0
"""Seconds without a failure before it is logged again: an unavailable store fails at each poll."""
_CHANGING: Final = re.compile(r" in [\d.]+[nµm]?s\b|<.*")
"""What varies in otherwise equal store errors: the time taken, and the XML with the request number."""

Poll = Callable[[], int]


class Files:
    """Polls for finished files wherever data sources have them delivered."""

    def __init__(
        self, root: Path, intake: Intake, uploads: Uploads, taken: TakenObjects, tallies: Tallies, logins: Logins
    ) -> None:
        self._root = root
        self._intake = intake
        self._uploads = uploads
        self._taken = taken
        self._tallies = tallies
        self._logins = logins
        self._polls: dict[str, tuple[Stream, Poll]] = {}
        self._polling = Polling()
        self._logged: dict[tuple[str, str], float] = {}
        self._lock = Lock()
        self._streams: dict[str, Stream] = {}
        """The current data sources: a source type or time zone may have changed."""

    def serve(self, sources: Sequence[tuple[Stream, Binding]]) -> None:
        """Poll for the files of these data sources from now on."""
        self._logins.serve(
            {
                binding.login: (stream, binding)
                for stream, binding in sources
                if stream.receiver in LOGINS and binding.login
            }
        )
        self._streams = {stream.stream_id: stream for stream, _ in sources}
        polls: dict[str, tuple[Stream, Poll]] = {}
        for stream, binding in sources:
            key = f"{stream.stream_id} {stream.receiver} {stream.folder or binding.url}"
            poll = self._poll_for(stream, binding) if key not in self._polls else self._polls[key][1]
            if poll is not None:
                polls[key] = (stream, poll)
        self._polls = polls  # as a whole, because another thread polls

    def poll(self) -> None:
        """Take the files that are finished now; a failure is counted, logged, and retried at the next poll.

        A source that does not answer holds up the others only briefly (:class:`Polling`).
        """
        polls = self._polls.items()
        looks = {key: Place(stream.tenant_id, partial(self._look, stream, poll)) for key, (stream, poll) in polls}
        self._polling.look(looks)

    def _look(self, stream: Stream, poll: Poll) -> None:
        try:
            poll()
        except Exception as error:  # noqa: BLE001 -- the other sources get their turn
            self._tallies.of(stream).failed(error)
            self._tell(stream, in_a_line(error))

    def _tell(self, stream: Stream, error: str) -> None:
        """Log a failure unless it merely continues."""
        now, key = time.monotonic(), (stream.stream_id, _CHANGING.sub("", error))
        with self._lock:
            self._logged = {each: seen for each, seen in self._logged.items() if now - seen < SILENCE}
            is_known = key in self._logged
            self._logged[key] = now
        if not is_known:
            _log.error("receiver failed", receiver=f"{stream.display_name} ({stream.receiver})", error=error)

    def _works(self, stream: Stream) -> None:
        """Log that a source has recovered."""
        with self._lock:
            over = [key for key in self._logged if key[0] == stream.stream_id]
            for key in over:
                del self._logged[key]
        if over:
            _log.info("receiver works again", receiver=f"{stream.display_name} ({stream.receiver})")

    def _poll_for(self, stream: Stream, binding: Binding) -> Poll | None:
        if stream.folder:
            return FolderWatch(Path(stream.folder), self._kept(stream), self._attempts(stream)).poll
        if stream.receiver == OBJECTS and binding.url:
            return self._watched(stream, binding)
        return self._dropped(stream) if stream.receiver in LOGINS and binding.login else None

    def _watched(self, stream: Stream, binding: Binding) -> Poll:
        attempts = self._attempts(stream)

        def poll() -> int:
            folder = self._root / stream.stream_id
            source = (stream.tenant_id, stream.stream_id)
            watch = ObjectWatch(source, open_store(binding.url), self._taken, folder, hand_over, attempts)
            taken = watch.poll()
            if not attempts.failing:
                self._works(stream)
            return taken

        def hand_over(path: Path, name: str, upload_id: str) -> None:
            self._take(stream, path, name, upload_id)

        return poll

    def _dropped(self, stream: Stream) -> Poll:
        attempts = self._attempts(stream)

        def poll() -> int:
            login = next((each for each in self._logins.every() if each.stream.stream_id == stream.stream_id), None)
            return 0 if login is None else login.folder.take(self._kept(stream), attempts)

        return poll

    def _attempts(self, stream: Stream) -> Attempts:
        """Return attempts limited to the room left in the queue; the other files wait where they are."""
        source = (stream.tenant_id, stream.stream_id)
        return Attempts(lambda: max(0, MOST_QUEUED - self._uploads.queued(source=source)))

    def _kept(self, stream: Stream) -> Callable[[Path, str], None]:
        """Return a callback that takes a file and leaves it in place."""
        return lambda path, upload_id: self._take(stream, path, path.name, upload_id, keep=True)

    def _take(self, stream: Stream, path: Path, name: str, upload_id: str, *, keep: bool = False) -> None:
        """Queue a file under its name; its contents are counted when it is read."""
        now = self._streams.get(stream.stream_id, stream)
        self._intake.enqueue(now, path, origin=stream.receiver, filename=name, upload_id=upload_id, keep=keep)
