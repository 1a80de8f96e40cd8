"""The server process: HTTP listeners, receivers, the worker and what is done from time to time, in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
from collections.abc import Callable, Iterator, Sequence
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvicorn

from opencasb.api.asgi import Dispatcher
from opencasb.connection_timeout import TimeoutProtocol
from opencasb.discovery.worker import Worker
from opencasb.processors import Processors
from opencasb.upkeep import upkeep

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.listening import Sockets

_log = structlog.get_logger(__name__)

TELL_SECONDS: Final = 60.0
"""How often the log tells that no more connections can be taken."""

IDLE_SECONDS: Final = 75
"""How long a connection waits for its next request: longer than balancers and throttled clients do, which is a minute.

Who sends one just as the connection is closed has no answer, and must not repeat a POST.
"""


class Listener(uvicorn.Server):
    """A uvicorn server that leaves the signals to us: two of them share this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def serve(casb: Casb, sockets: Sockets, ready: Callable[[], None] = lambda: None) -> None:
    """Serve at the sockets until SIGINT or SIGTERM; ``ready`` is called once every listener answers."""
    warn_of_empty_lake(casb)
    asyncio.run(_serve(casb, sockets, ready))


async def _serve(casb: Casb, sockets: Sockets, ready: Callable[[], None]) -> None:
    if casb.settings.host_alias:
        _log.warning("answering under names of the upstream service (setting host_alias): for laboratories only")
    app = Dispatcher(casb)
    listeners = {Listener(_secure(casb, app)): sockets.secure}
    if sockets.plain:
        listeners[Listener(_config(app, casb.settings.trusted_proxies))] = sockets.plain
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(ExceptionHandler())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, [*listeners])
    stop = Event()
    allow_many_files()
    with contextlib.closing(Processors(casb.settings)) as processors, upkeep(casb):
        worker = Worker(casb.uploads, processors, casb.settings.workers, casb.clock)
        thread = Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
        thread.start()
        background = [asyncio.create_task(casb.receivers.run()), asyncio.create_task(_announce([*listeners], ready))]
        try:
            await asyncio.gather(*(listener.serve([*own]) for listener, own in listeners.items()))
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            stop.set()
            await asyncio.to_thread(thread.join)


def warn_of_empty_lake(casb: Casb) -> None:
    """Warn where logs were counted and the lake has no usage: its setting may name another place than before."""
    newest = casb.streams.newest()
    with contextlib.suppress(Exception):  # what keeps a lake from being read is told by whoever reads it
        if newest is not None and casb.lake.version(newest.tenant_id) < 0:
            lake = casb.settings.effective_lake_url
            _log.warning("logs were counted, but the usage lake has nothing: is its setting lake_url right?", lake=lake)


class ExceptionHandler:
    """What is told of errors that nobody waits for; a lack of file descriptors once a minute.

    Of that asyncio tells with a traceback for each connection that may wait, every second: 2,048 times.
    """

    def __init__(self) -> None:
        self._told: float | None = None

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # as asyncio gives it
        """Tell of an error."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in {errno.EMFILE, errno.ENFILE}:
            loop.default_exception_handler(context)
        elif self._told is None or loop.time() - self._told >= TELL_SECONDS:
            self._told = loop.time()
            _log.error("no connection can be taken until others end", reason=error.strerror)


def allow_many_files() -> None:
    """Raise the limit of open files to what we may: each syslog source has a journal, each sender a connection."""
    try:
        import resource
    except ImportError:  # not a Unix
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS has a lower limit that it does not tell
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _announce(listeners: list[Listener], ready: Callable[[], None]) -> None:
    while not all(listener.started for listener in listeners):  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.02)
    ready()


def _stop(listeners: list[Listener]) -> None:
    for listener in listeners:
        listener.should_exit = True


def _secure(casb: Casb, app: Dispatcher) -> uvicorn.Config:
    secure = _config(app, casb.settings.trusted_proxies)
    secure.load()
    secure.ssl = casb.tls.server_context()  # a context of ours, so that a renewed certificate needs no restart
    return secure


def _config(app: Dispatcher, proxies: Sequence[str]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=TimeoutProtocol,
        lifespan="off",
        log_level="warning",
        server_header=False,
        proxy_headers=bool(proxies),  # of others, or any caller could claim any address
        forwarded_allow_ips=[*proxies],
        timeout_graceful_shutdown=5,
        timeout_keep_alive=IDLE_SECONDS,
    )
