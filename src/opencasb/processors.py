"""Where logs are parsed: in processes or threads of this machine, or by a Dask scheduler (setting ``executor``)."""

from __future__ import annotations

import os
import signal
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.settings import Settings
    from opencasb.store.uploads import Upload


def _begin() -> None:
    """Initialise a process of the pool.

    It ignores Ctrl-C, which a terminal sends to all its processes: the server shuts the pool down. It also exits with
    the server, because a killed server shuts nothing down and its pool would wait for work for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_server, name="end with server", daemon=True).start()


def _end_with_server() -> None:
    server = parent_process()
    if server is not None:
        server.join()
        os._exit(1)  # another server takes over work in progress


def _executor(settings: Settings) -> Executor:
    match settings.executor:
        case "process":  # spawned, because Polars' threads do not survive a fork
            return ProcessPoolExecutor(settings.workers, get_context("spawn"), initializer=_begin)
        case "thread":
            return ThreadPoolExecutor(settings.workers, thread_name_prefix="processing")
        case address:
            try:
                from distributed import Client  # type: ignore[import-not-found]  # optional dependency
            except ImportError:
                raise SystemExit(f"setting executor: {address!r} needs the package distributed") from None
            return cast("Executor", Client(address).get_executor())


class Processors:
    """Where logs are parsed: processes, threads or a Dask scheduler (setting ``executor``).

    A pool whose process was killed is replaced; the killed upload counts one attempt.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = _executor(settings)

    def __call__(self, upload: Upload, /) -> Future[None]:
        """Submit an upload for processing."""
        try:
            return self._pool.submit(process, self._settings, upload)
        except BrokenExecutor:
            self._pool.shutdown(wait=False)
            self._pool = _executor(self._settings)
            return self._pool.submit(process, self._settings, upload)

    def close(self) -> None:
        """Let running work finish and accept no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def process(settings: Settings, upload: Upload) -> None:
    """Process one leased upload; runs in the executor."""
    _installation(settings).processing.run(upload)


_INSTALLATIONS: dict[Path, Casb] = {}


def _installation(settings: Settings) -> Casb:
    from opencasb import logs
    from opencasb.app import Casb

    if settings.data not in _INSTALLATIONS:
        logs.to_stderr()  # a separate process needs it, too
        _INSTALLATIONS[settings.data] = Casb(settings)
    return _INSTALLATIONS[settings.data]
