"""Periodic upkeep by the server: lakes, scores, retention, leftovers, keys, warnings, probes."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import structlog

from opencasb.discovery import cleanup
from opencasb.identity import clock_check
from opencasb.identity import upkeep as identity_upkeep
from opencasb.lake import maintenance
from opencasb.model.durations import DAY
from opencasb.store import partitions
from opencasb.store.outage_log import log_failure

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

    from opencasb.app import Casb

_log = structlog.get_logger(__name__)

COMPACT_MINUTES: Final = 5
SETTLE_MINUTES: Final = 5
RETAIN_HOURS: Final = 1
SAAS_SECONDS: Final = 20
WARN_HOURS: Final = 1
DELIVER_SECONDS: Final = 30
DELIVERERS: Final = 4
"""Concurrent deliveries, so that a receiver that does not answer holds up nobody else."""
PROBE_HOURS: Final = 1
END_SECONDS: Final = 5
CLOCK_SECONDS: Final = 60


@contextmanager
def upkeep(casb: Casb) -> Iterator[None]:
    """Run the periodic jobs: compact and trim lakes, remove what has expired, rotate keys and certificates."""
    stop = Event()
    scheduler = _scheduled(casb, stop)
    scheduler.start()
    Thread(target=_watch_clock, args=(scheduler, stop), name="clock", daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        scheduler.shutdown(wait=False)
        casb.saas.wait(END_SECONDS)


def _scheduled(casb: Casb, stop: Event) -> BackgroundScheduler:
    """Return the scheduler with its jobs, not started yet; long jobs watch ``stop``."""
    from apscheduler.schedulers.background import BackgroundScheduler

    late_is_fine = {"misfire_grace_time": None}  # a busy machine skips no run
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=late_is_fine)
    now = datetime.now(UTC)

    def every(
        job: Callable[..., object], *given: object, at_once: bool = False, most: int = 1, **interval: float
    ) -> None:
        first = {"next_run_time": now} if at_once else {}
        scheduler.add_job(_logged(job), "interval", given, max_instances=most, **interval, **first)

    every(compact_all, casb, minutes=COMPACT_MINUTES)
    every(settle_scores, casb, minutes=SETTLE_MINUTES, at_once=True)  # an upgrade may bring a newer catalog
    every(retain_all, casb, hours=RETAIN_HOURS)
    every(remove_leftovers, casb, hours=RETAIN_HOURS, at_once=True)  # left behind by a kill
    every(keep_identity, casb, hours=RETAIN_HOURS, at_once=True)  # create keys before a client asks for them
    every(casb.tls.renew, hours=RETAIN_HOURS)
    every(casb.saas.run_due, stop, seconds=SAAS_SECONDS)
    every(warn_all, casb, hours=WARN_HOURS, at_once=True)  # due while no server ran
    every(casb.notifications.deliver, stop, seconds=DELIVER_SECONDS, most=DELIVERERS)
    if casb.settings.probe_days:
        every(probe_all, casb, stop, hours=PROBE_HOURS)
    if servers := casb.settings.time_servers:
        scheduler.add_job(_logged(clock_check.compare), "date", [servers])
    return scheduler


def _watch_clock(scheduler: BackgroundScheduler, stop: Event) -> None:
    while not stop.wait(CLOCK_SECONDS):
        follow_clock(scheduler, datetime.now(UTC))


def follow_clock(scheduler: BackgroundScheduler, now: datetime) -> None:
    """Run jobs now whose next run lies further from ``now`` than their interval: the clock was set back.

    The scheduler waits for a wall-clock time, which may then be hours or years away.
    """
    for job in scheduler.get_jobs():
        interval = getattr(job.trigger, "interval", None)
        if interval is not None and job.next_run_time > now + interval + timedelta(seconds=CLOCK_SECONDS):
            job.modify(next_run_time=now)


def compact_all(casb: Casb) -> None:
    """Compact every tenant's lake."""
    _for_each_tenant(casb, lambda tenant_id: maintenance.compact(casb.lake, tenant_id))


def settle_scores(casb: Casb) -> None:
    """Rescore every tenant's discovered apps where anything changed, and record it in the score history."""
    _for_each_tenant(casb, casb.score_keeping.settle)


def remove_leftovers(casb: Casb) -> None:
    """Remove rows and files of finished uploads, and files of deleted data sources."""
    removed = dataclasses.asdict(cleanup.remove_uploads(casb.uploads, casb.intake.root, casb.clock()))
    removed["sources"] = cleanup.remove_sources(casb.streams, casb.settings.data / "receivers", casb.clock())
    if any(removed.values()):
        _log.info("leftovers removed", **removed)


def warn_all(casb: Casb) -> None:
    """Create every tenant's due warnings; a separate job delivers them."""
    _for_each_tenant(casb, casb.notifications.warn)


def probe_all(casb: Casb, stop: Event) -> None:
    """Probe every tenant's due apps, one after the other."""
    _for_each_tenant(casb, lambda tenant_id: casb.prober.run_due(tenant_id, casb.settings.probe_days, stop))


def keep_identity(casb: Casb) -> None:
    """Rotate signing keys when due, seal pseudonym keys, delete what has expired, and refresh trusted issuers' keys."""
    casb.identity.keyring.maintain()
    if casb.identity.keyring.is_whole():
        casb.pseudonym_keys.seal(casb.identity.vault)
    forgotten = identity_upkeep.expire(casb.database, casb.clock())
    if any(forgotten.values()):
        _log.info("expired credentials deleted", **forgotten)
    casb.identity.trust.refresh()  # last, because issuers that do not answer take their time


def retain_all(casb: Casb) -> None:
    """Apply retention to every tenant's lake and records, and delete unreferenced files."""
    _for_each_tenant(casb, lambda tenant_id: _tell_expiry(casb, tenant_id))
    try:
        _maintain_months(casb)
    except Exception as error:  # noqa: BLE001 -- inserts and row-wise retention work without it
        log_failure("monthly partitions could not be maintained", error)
    _for_each_tenant(casb, lambda tenant_id: _retain(casb, tenant_id))


def _tell_expiry(casb: Casb, tenant_id: int) -> None:
    """Announce expired records to those who follow them: dropping a whole month announces nothing."""
    if days := casb.settings.record_retention_days:
        for records in (casb.activities, casb.alerts):
            records.tell_expiry(tenant_id, casb.clock() - days * DAY)


def _maintain_months(casb: Casb) -> None:
    """Create upcoming month partitions and drop those past retention; other expired rows go one by one."""
    days = casb.settings.record_retention_days
    made = partitions.prepare(casb.database, casb.clock(), days)
    dropped = partitions.drop(casb.database, casb.clock() - days * DAY) if days else []
    if made or dropped:
        _log.info("monthly partitions maintained", made=made, dropped=dropped)


def _retain(casb: Casb, tenant_id: int) -> None:
    maintenance.retain(casb.lake, tenant_id, casb.settings.retention_days, casb.clock())
    maintenance.vacuum(casb.lake, tenant_id)
    if days := casb.settings.retention_days:
        casb.unlisted_apps.traces.forget(tenant_id, casb.clock() - days * DAY)
    if days := casb.settings.record_retention_days:
        for records in (casb.activities, casb.alerts, casb.governance_log, casb.score_history):
            records.expire(tenant_id, casb.clock() - days * DAY)


def _for_each_tenant(casb: Casb, work: Callable[[int], object]) -> None:
    for tenant in casb.tenants.all():
        try:
            work(tenant.tenant_id)
        except Exception as error:  # noqa: BLE001 -- go on with the other tenants; retried next time
            log_failure("upkeep failed", error, tenant_id=tenant.tenant_id)


def _logged(job: Callable[..., object]) -> Callable[..., None]:
    """Wrap a job to log its failure in one line: the scheduler itself logs a traceback for every outage."""

    @functools.wraps(job)
    def logged(*given: object) -> None:
        try:
            job(*given)
        except Exception as error:  # noqa: BLE001 -- retried next time
            log_failure("upkeep failed", error, job=job.__name__)

    return logged
