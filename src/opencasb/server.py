"""The server process: HTTP listeners, receivers, the worker and periodic upkeep around one event loop."""

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
    from socket import socket

    from starlette.types import ASGIApp

    from opencasb.api.metrics import Metrics
    from opencasb.app import Casb
    from opencasb.listening import Sockets

_log = structlog.get_logger(__name__)

TELL_SECONDS: Final = 60.0
"""Minimum interval between log lines about running out of file descriptors."""

IDLE_SECONDS: Final = 75
"""Keep-alive timeout: longer than the minute that load balancers and throttled clients wait.

A client whose request crosses with the close gets no answer, and must not repeat a POST.
"""


class Listener(uvicorn.Server):
    """A uvicorn server that leaves signals to us, because two of them share this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def serve(casb: Casb, sockets: Sockets, ready: Callable[[], None]) -> None:
    """Serve on the sockets until SIGINT or SIGTERM; call ``ready`` once every listener answers."""
    warn_of_empty_lake(casb)
    asyncio.run(_serve(casb, sockets, ready))


async def _serve(casb: Casb, sockets: Sockets, ready: Callable[[], None]) -> None:
    if casb.settings.host_alias:
        _log.warning("answering under names of the upstream service (setting host_alias): for laboratories only")
    metrics = _metrics(casb) if sockets.metrics else None
    app = Dispatcher(casb) if metrics is None else Dispatcher(casb, metrics.measured)
    listeners = _listeners(casb, sockets, app, metrics)
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(ExceptionHandler())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, app, [*listeners])
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


def _listeners(
    casb: Casb, sockets: Sockets, app: Dispatcher, metrics: Metrics | None
) -> dict[Listener, Sequence[socket]]:
    """Return the HTTP servers with their sockets."""
    listeners = {Listener(_secure(casb, app)): sockets.secure}
    if sockets.plain:
        listeners[Listener(_config(app, casb.settings.trusted_proxies))] = sockets.plain
    if metrics is not None:
        listeners[Listener(_config(metrics, ()))] = sockets.metrics
    return listeners


def _metrics(casb: Casb) -> Metrics:
    from opencasb.api.metrics import Metrics

    return Metrics(casb)


def warn_of_empty_lake(casb: Casb) -> None:
    """Warn if logs were counted but the lake has no usage: its setting may have changed."""
    newest = casb.streams.newest()
    with contextlib.suppress(Exception):  # whoever reads the lake reports why it cannot be read
        if newest is not None and casb.lake.version(newest.tenant_id) < 0:
            lake = casb.settings.effective_lake_url
            _log.warning("logs were counted, but the usage lake has nothing: is its setting lake_url right?", lake=lake)


class ExceptionHandler:
    """Logs errors that nothing awaits; a lack of file descriptors at most once a minute.

    For that, asyncio logs a traceback per slot of the accept backlog every second: 2,048 of them.
    """

    def __init__(self) -> None:
        self._told: float | None = None

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:  # as asyncio gives it
        """Log an error."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in {errno.EMFILE, errno.ENFILE}:
            loop.default_exception_handler(context)
        elif self._told is None or loop.time() - self._told >= TELL_SECONDS:
            self._told = loop.time()
            _log.error("no connection can be taken until others end", reason=error.strerror)


def allow_many_files() -> None:
    """Raise the open-file limit as far as allowed: each syslog source has a journal, each sender a connection."""
    try:
        import resource
    except ImportError:  # not a Unix
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # macOS has a lower limit that it does not report
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _announce(listeners: list[Listener], ready: Callable[[], None]) -> None:
    while not all(listener.started for listener in listeners):  # noqa: ASYNC110 -- uvicorn has no event for it
        await asyncio.sleep(0.02)
    ready()


def _stop(app: Dispatcher, listeners: list[Listener]) -> None:
    app.stop()
    for listener in listeners:
        listener.should_exit = True


def _secure(casb: Casb, app: Dispatcher) -> uvicorn.Config:
    secure = _config(app, casb.settings.trusted_proxies)
    secure.load()
    secure.ssl = casb.tls.server_context()  # our own context, so that a renewed certificate needs no restart
    return secure


def _config(app: ASGIApp, proxies: Sequence[str]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=TimeoutProtocol,
        lifespan="off",
        log_level="warning",
        server_header=False,
        proxy_headers=bool(proxies),  # only if configured, or any caller could claim any address
        forwarded_allow_ips=[*proxies],
        timeout_graceful_shutdown=5,
        timeout_keep_alive=IDLE_SECONDS,
    )
