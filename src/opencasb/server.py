"""The server process: HTTP listeners, receivers, the worker and the upkeep of the lake, in one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, cast

import structlog
import uvicorn

from opencasb import memory
from opencasb.api.asgi import FrontDoor
from opencasb.api.v1.reason_phrase import PhrasingProtocol
from opencasb.discovery import leftovers
from opencasb.discovery.worker import Worker
from opencasb.identity import clock_check
from opencasb.identity import upkeep as identity_upkeep
from opencasb.lake import maintenance
from opencasb.store import partitions

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.settings import Settings
    from opencasb.store.uploads import Upload

_log = structlog.get_logger(__name__)

COMPACT_MINUTES: Final = 5
SETTLE_MINUTES: Final = 5
RETAIN_HOURS: Final = 1
SAAS_SECONDS: Final = 20
WARN_HOURS: Final = 1
DELIVER_SECONDS: Final = 30
DELIVERERS: Final = 4
"""Deliveries at the same time: a receiver that does not answer keeps nobody else waiting."""
PROBE_HOURS: Final = 1
END_SECONDS: Final = 5
DAY_MS: Final = 86_400_000


class Listener(uvicorn.Server):
    """A uvicorn server that leaves the signals to us: two of them share this process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def serve(casb: Casb, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGINT or SIGTERM; ``ready`` is called once every listener answers."""
    memory.collect_seldom()
    asyncio.run(_serve(casb, ready))


async def _serve(casb: Casb, ready: Callable[[], None]) -> None:
    if casb.settings.host_alias:
        _log.warning("answering under names of the upstream service (setting host_alias): for laboratories only")
    door = FrontDoor(casb)
    listeners = [Listener(config) for config in _configurations(casb, door)]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, listeners)
    stop = Event()
    allow_many_files()
    with contextlib.closing(Processors(casb.settings)) as processors, upkeep(casb):
        worker = Worker(casb.uploads, processors, casb.settings.workers, casb.clock)
        thread = Thread(target=worker.run, args=(stop,), name="worker", daemon=True)
        thread.start()
        background = [asyncio.create_task(casb.receivers.run()), asyncio.create_task(_announce(listeners, ready))]
        try:
            await asyncio.gather(*(listener.serve() for listener in listeners))
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            stop.set()
            await asyncio.to_thread(thread.join)


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


def _configurations(casb: Casb, door: FrontDoor) -> list[uvicorn.Config]:
    settings = casb.settings
    secure = _config(door, settings.host, settings.port)
    secure.load()
    secure.ssl = casb.tls.server_context()  # a context of ours, so that a renewed certificate needs no restart
    return [secure, _config(door, "127.0.0.1", settings.http_port)] if settings.http_port else [secure]


def _config(door: FrontDoor, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        door,
        host=host,
        port=port,
        http=PhrasingProtocol,
        lifespan="off",
        log_level="warning",
        server_header=False,
        proxy_headers=False,  # or a caller on this machine could claim any address
        timeout_graceful_shutdown=5,
    )


def _executor(settings: Settings) -> Executor:
    match settings.executor:
        case "process":  # spawned, because Polars' threads do not survive a fork
            return ProcessPoolExecutor(settings.workers, mp_context=get_context("spawn"))
        case "thread":
            return ThreadPoolExecutor(settings.workers, thread_name_prefix="processing")
        case address:
            try:
                from distributed import Client  # type: ignore[import-not-found]  # installed by who wants it
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
        """Have an upload processed."""
        try:
            return self._pool.submit(process, self._settings, upload)
        except BrokenExecutor:
            self._pool.shutdown(wait=False)
            self._pool = _executor(self._settings)
            return self._pool.submit(process, self._settings, upload)

    def close(self) -> None:
        """Let running work end and take no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def process(settings: Settings, upload: Upload) -> None:
    """Process one leased upload; runs in the executor."""
    _installation(settings).processing.run(upload)


_INSTALLATIONS: dict[Path, Casb] = {}


def _installation(settings: Settings) -> Casb:
    from opencasb.app import Casb

    if settings.data not in _INSTALLATIONS:
        _INSTALLATIONS[settings.data] = Casb(settings)
    return _INSTALLATIONS[settings.data]


@contextlib.contextmanager
def upkeep(casb: Casb) -> Iterator[None]:
    """Compact and trim the lakes, remove what is over, and rotate keys and certificates, from time to time."""
    from apscheduler.schedulers.background import BackgroundScheduler

    late_is_fine = {"misfire_grace_time": None}  # a busy machine skips nothing
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=late_is_fine)
    scheduler.add_job(compact_all, "interval", [casb], minutes=COMPACT_MINUTES)
    scheduler.add_job(
        settle_scores,
        "interval",
        [casb],
        minutes=SETTLE_MINUTES,
        next_run_time=datetime.now(UTC),  # the program may have come with a newer catalog
    )
    scheduler.add_job(retain_all, "interval", [casb], hours=RETAIN_HOURS)
    scheduler.add_job(
        remove_leftovers,
        "interval",
        [casb],
        hours=RETAIN_HOURS,
        next_run_time=datetime.now(UTC),  # what a kill left
    )
    scheduler.add_job(
        keep_identity,
        "interval",
        [casb],
        hours=RETAIN_HOURS,
        next_run_time=datetime.now(UTC),  # keys are made before a client asks for them
    )
    if servers := casb.settings.time_servers:
        scheduler.add_job(clock_check.compare, "date", [servers])
    scheduler.add_job(casb.tls.renew, "interval", hours=RETAIN_HOURS)
    stop = Event()
    scheduler.add_job(casb.saas.run_due, "interval", [stop], seconds=SAAS_SECONDS)
    scheduler.add_job(
        warn_all,
        "interval",
        [casb],
        hours=WARN_HOURS,
        next_run_time=datetime.now(UTC),  # what came near while no server ran
    )
    scheduler.add_job(casb.notifications.deliver, "interval", [stop], seconds=DELIVER_SECONDS, max_instances=DELIVERERS)
    if casb.settings.probe_days:
        scheduler.add_job(probe_all, "interval", [casb, stop], hours=PROBE_HOURS)
    scheduler.start()
    try:
        yield
    finally:
        stop.set()
        scheduler.shutdown(wait=False)
        casb.saas.wait(END_SECONDS)


def compact_all(casb: Casb) -> None:
    """Compact every tenant's lake."""
    _for_each_tenant(casb, lambda tenant_id: maintenance.compact(casb.lake, tenant_id))


def settle_scores(casb: Casb) -> None:
    """Score what every tenant discovered where anything changed, and note it in the history."""
    _for_each_tenant(casb, casb.score_keeping.settle)


def remove_leftovers(casb: Casb) -> None:
    """Remove rows and files of uploads that are over."""
    removed = dataclasses.asdict(leftovers.remove(casb.uploads, casb.intake.root, casb.clock()))
    if any(removed.values()):
        _log.info("leftovers removed", **removed)


def warn_all(casb: Casb) -> None:
    """Make the warnings that are due of every tenant; they are delivered on their own."""
    _for_each_tenant(casb, casb.notifications.warn)


def probe_all(casb: Casb, stop: Event) -> None:
    """Measure the apps of every tenant that are due, one after the other."""
    _for_each_tenant(casb, lambda tenant_id: casb.prober.run_due(tenant_id, casb.settings.probe_days, stop))


def keep_identity(casb: Casb) -> None:
    """Rotate signing keys when they are due, renew those of trusted issuers, and forget what is over."""
    casb.identity.keyring.maintain()
    casb.identity.trust.refresh()
    forgotten = identity_upkeep.expire(casb.database, casb.clock())
    if any(forgotten.values()):
        _log.info("identity tidied", **forgotten)


def retain_all(casb: Casb) -> None:
    """Apply retention to every tenant's lake and records, and delete files nobody refers to."""
    _for_each_tenant(casb, lambda tenant_id: _tell_expiry(casb, tenant_id))
    try:
        _tend_months(casb)
    except Exception:  # noqa: BLE001 -- rows find their place without, and go without
        _log.exception("months were not tended")
    _for_each_tenant(casb, lambda tenant_id: _retain(casb, tenant_id))


def _tell_expiry(casb: Casb, tenant_id: int) -> None:
    """Tell who follows records that those go which are too old: a month goes as a whole, and says nothing."""
    if days := casb.settings.record_retention_days:
        for records in (casb.activities, casb.alerts):
            records.tell_expiry(tenant_id, casb.clock() - days * DAY_MS)


def _tend_months(casb: Casb) -> None:
    """Make the months of rows to come, and drop those whose rows are all too old; the rest goes row by row."""
    days = casb.settings.record_retention_days
    made = partitions.prepare(casb.database, casb.clock(), days)
    dropped = partitions.drop(casb.database, casb.clock() - days * DAY_MS) if days else []
    if made or dropped:
        _log.info("months tended", made=made, dropped=dropped)


def _retain(casb: Casb, tenant_id: int) -> None:
    maintenance.retain(casb.lake, tenant_id, casb.settings.retention_days, casb.clock())
    maintenance.vacuum(casb.lake, tenant_id)
    if days := casb.settings.retention_days:
        casb.unlisted_apps.traces.forget(tenant_id, casb.clock() - days * DAY_MS)
    if days := casb.settings.record_retention_days:
        for records in (casb.activities, casb.alerts, casb.governance_log, casb.score_history):
            records.expire(tenant_id, casb.clock() - days * DAY_MS)


def _for_each_tenant(casb: Casb, work: Callable[[int], object]) -> None:
    for tenant in casb.tenants.all():
        try:
            work(tenant.tenant_id)
        except Exception:  # noqa: BLE001 -- the other tenants have their turn, and this one the next time
            _log.exception("upkeep failed", tenant_id=tenant.tenant_id)
