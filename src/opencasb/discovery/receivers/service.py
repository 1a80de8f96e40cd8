"""Runs the receivers of all data sources, and hands what they took to the intake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from opencasb.discovery.intake import Intake
from opencasb.discovery.receivers.folder import FolderWatch
from opencasb.discovery.receivers.journal import Journal
from opencasb.discovery.receivers.syslog import listen
from opencasb.model.stream import Stream
from opencasb.store.streams import Streams
from opencasb.store.uploads import SYSLOG

if TYPE_CHECKING:
    from opencasb.settings import Settings

_log = structlog.get_logger(__name__)

RELOAD_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 1.0


class Receivers:
    """The receivers of this server; data sources added or removed while it runs are noticed."""

    def __init__(self, streams: Streams, intake: Intake, settings: Settings, tls: Callable[[], ssl.SSLContext]) -> None:
        self._streams = streams
        self._intake = intake
        self._settings = settings
        self._tls = tls
        self._running: dict[Stream, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Run until cancelled; then everything received so far is handed over."""
        try:
            while True:
                with _outlived("receivers cannot be looked up"):
                    await self._reload()
                await asyncio.sleep(RELOAD_SECONDS)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _reload(self) -> None:
        wanted = {_binding(stream): stream for stream in await asyncio.to_thread(self._streams.listening)}
        running = {_binding(stream): stream for stream in self._running}
        for binding, stream in running.items():
            if binding not in wanted or self._running[stream].done():
                self._running.pop(stream).cancel()
        for binding, stream in wanted.items():
            if binding not in {_binding(other) for other in self._running}:
                self._running[stream] = asyncio.create_task(self._receive(stream))

    async def _receive(self, stream: Stream) -> None:
        name = f"{stream.display_name} ({stream.receiver})"
        with _outlived("receiver failed", receiver=name, port=stream.port, folder=stream.folder):
            await (self._watch(stream) if stream.folder else self._listen(stream))

    async def _watch(self, stream: Stream) -> None:
        def take(path: Path) -> None:
            self._intake.enqueue(stream, path, origin="folder", filename=path.name, keep=True)

        watch = FolderWatch(Path(stream.folder), take)
        while True:
            await asyncio.to_thread(watch.look)
            await asyncio.sleep(LOOK_SECONDS)

    async def _listen(self, stream: Stream) -> None:
        journal = Journal(self._settings.data / "receivers" / stream.stream_id)
        await asyncio.to_thread(self._hand_over, stream, journal)
        tls = self._tls() if stream.receiver == "syslog-tls" else None
        close = await listen(stream.receiver, self._settings.host, stream.port or 0, journal.append, tls)
        _log.info("receiver listens", receiver=stream.display_name, port=stream.port)
        try:
            while True:
                await asyncio.sleep(self._settings.flush_seconds)
                journal.rotate()
                await asyncio.to_thread(self._hand_over, stream, journal)
        finally:
            close()
            journal.rotate()
            self._hand_over(stream, journal)

    def _hand_over(self, stream: Stream, journal: Journal) -> None:
        for segment in journal.ready():
            self._intake.enqueue(stream, segment, origin=SYSLOG, filename="syslog", upload_id=segment.stem)


@contextmanager
def _outlived(event: str, **facts: object) -> Iterator[None]:
    """Log a failure and go on: a taken port or a database that is restarted ends no other receiver."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is tried again at the next look
        _log.error(event, error=repr(error), **facts)


def _binding(stream: Stream) -> tuple[object, ...]:
    return (stream.tenant_id, stream.stream_id, stream.receiver, stream.port, stream.folder)
