"""Runs the receivers of all data sources, and hands what they have taken to the intake."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from opencasb.discovery.intake import Intake
from opencasb.discovery.receivers.feeds import Feeds
from opencasb.discovery.receivers.files import Files
from opencasb.discovery.receivers.lock import Locked, receiver_lock
from opencasb.discovery.receivers.logins import Logins, RateLimit
from opencasb.discovery.receivers.ports import SYSLOG, Place, Ports
from opencasb.discovery.receivers.servers import FileServers
from opencasb.discovery.receivers.tallies import Tallies
from opencasb.model.stream import Stream
from opencasb.store.outage_log import log_failure
from opencasb.store.receiver_counters import ReceiverCounters
from opencasb.store.receivers import Binding, Bindings
from opencasb.store.streams import Streams
from opencasb.store.taken_objects import TakenObjects
from opencasb.store.uploads import Uploads

if TYPE_CHECKING:
    from opencasb.settings import Settings

_log = structlog.get_logger(__name__)

RELOAD_SECONDS: Final = 5.0
TICK_SECONDS: Final = 0.5
POLL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores that receivers read and write."""

    streams: Streams
    bindings: Bindings
    counters: ReceiverCounters
    taken: TakenObjects
    uploads: Uploads
    intake: Intake


@dataclass(frozen=True, slots=True)
class Trust:
    """How receivers identify themselves and authenticate others.

    ``syslog`` makes the context of syslog over TLS, ``certificate`` gives the chain and key files for FTPS; ``verify``
    compares a password with its hash, ``rate_limit`` counts wrong ones.
    """

    syslog: Callable[[], ssl.SSLContext]
    certificate: Callable[[], tuple[Path, Path]]
    verify: Callable[[str, str | None], bool]
    rate_limit: RateLimit


class Receivers:
    """The receivers of this server; data sources added or removed at run time are picked up."""

    def __init__(self, stores: Stores, settings: Settings, trust: Trust, clock: Callable[[], int]) -> None:
        root = settings.data / "receivers"
        self._data = settings.data
        self._stores = stores
        self._tallies = Tallies(stores.counters, clock)
        self._feeds = Feeds(
            root,
            stores.intake,
            stores.uploads,
            self._tallies,
            flush_seconds=settings.flush_seconds,
            most_bytes=settings.receiver_backlog_bytes,
        )
        self._ports = Ports(settings.host, self._feeds, trust.syslog)
        logins = Logins(root, trust.verify, trust.rate_limit)
        self._files = Files(root, stores.intake, stores.uploads, stores.taken, self._tallies, logins)
        self._servers = FileServers(settings, logins, trust.certificate)

    async def run(self) -> None:
        """Run until cancelled; then everything received so far is handed over.

        Of several servers on one data directory only one receives; when it ends, another takes over.
        """
        with ExitStack() as alone:
            await self._become(alone)
            await self._run()

    async def _become(self, alone: ExitStack) -> None:
        """Wait until no other server receives."""
        told = False
        while True:
            try:
                alone.enter_context(receiver_lock(self._data))
            except Locked as error:
                if not told:
                    _log.warning("receivers wait", reason=str(error))
                told = True
                await asyncio.sleep(RELOAD_SECONDS)
            else:
                return

    async def _run(self) -> None:
        chores = (
            ("receivers cannot be looked up", RELOAD_SECONDS, self._reload),
            ("lines cannot be handed over", TICK_SECONDS, self._hand_over),
            ("folders cannot be looked at", POLL_SECONDS, partial(asyncio.to_thread, self._files.poll)),
        )
        looking = [asyncio.create_task(self._every(*each)) for each in chores]
        try:
            await asyncio.gather(*looking)
        finally:
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)
            await self._end()

    async def _every(self, event: str, seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
        while True:
            with _logged(event):
                await chore()
            await asyncio.sleep(seconds)

    async def _reload(self) -> None:
        streams = await asyncio.to_thread(self._stores.streams.listening)
        bindings = {each.stream_id: each for each in await asyncio.to_thread(self._stores.bindings.every)}
        sources = [(stream, _binding(stream, bindings)) for stream in streams]
        ports: dict[Place, list[tuple[Stream, Binding]]] = {}
        for stream, binding in sources:
            if stream.receiver in SYSLOG and stream.port:
                ports.setdefault((stream.receiver, stream.port), []).append((stream, binding))
        await self._ports.serve(ports)
        self._feeds.keep({stream.stream_id for own in ports.values() for stream, _ in own})
        self._files.serve(sources)
        await self._servers.serve(sources)

    async def _hand_over(self) -> None:
        self._ports.tend()
        if self._feeds.has_due():
            queued = await asyncio.to_thread(self._feeds.queued)
            await asyncio.to_thread(self._feeds.hand_over, self._feeds.due(queued))
        await asyncio.to_thread(self._tallies.write)

    async def _end(self) -> None:
        self._ports.close()
        await self._servers.close()
        with _logged("lines cannot be handed over"):
            self._feeds.hand_over(self._feeds.due(None))
            self._tallies.write()


@contextmanager
def _logged(event: str) -> Iterator[None]:
    """Log a failure and continue: a database restart must not end a receiver."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is retried in the next round
        log_failure(event, error)


def _binding(stream: Stream, bindings: dict[str, Binding]) -> Binding:
    none = Binding(tenant_id=stream.tenant_id, stream_id=stream.stream_id)
    return bindings.get(stream.stream_id, none)
