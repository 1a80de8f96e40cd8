"""What the server does from time to time: lakes, scores, retention, leftovers, keys, warnings, probes."""

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
"""Deliveries at the same time: a receiver that does not answer keeps nobody else waiting."""
PROBE_HOURS: Final = 1
END_SECONDS: Final = 5
CLOCK_SECONDS: Final = 60
DAY_MS: Final = 86_400_000


@contextmanager
def upkeep(casb: Casb) -> Iterator[None]:
    """Compact and trim the lakes, remove what is over, and rotate keys and certificates, from time to time."""
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
    """Return the jobs, not started yet; long ones look at ``stop``."""
    from apscheduler.schedulers.background import BackgroundScheduler

    late_is_fine = {"misfire_grace_time": None}  # a busy machine skips nothing
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=late_is_fine)
    now = datetime.now(UTC)

    def every(
        job: Callable[..., object], *given: object, at_once: bool = False, most: int = 1, **interval: float
    ) -> None:
        first = {"next_run_time": now} if at_once else {}
        scheduler.add_job(_logged(job), "interval", given, max_instances=most, **interval, **first)

    every(compact_all, casb, minutes=COMPACT_MINUTES)
    every(settle_scores, casb, minutes=SETTLE_MINUTES, at_once=True)  # the program may have come with a newer catalog
    every(retain_all, casb, hours=RETAIN_HOURS)
    every(remove_leftovers, casb, hours=RETAIN_HOURS, at_once=True)  # what a kill left
    every(keep_identity, casb, hours=RETAIN_HOURS, at_once=True)  # keys are made before a client asks for them
    every(casb.tls.renew, hours=RETAIN_HOURS)
    every(casb.saas.run_due, stop, seconds=SAAS_SECONDS)
    every(warn_all, casb, hours=WARN_HOURS, at_once=True)  # what came near while no server ran
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
    """Have jobs done now that are due later than their interval from ``now``: the clock was set back.

    The scheduler waits for a time of day, which may be hours or years away then.
    """
    for job in scheduler.get_jobs():
        interval = getattr(job.trigger, "interval", None)
        if interval is not None and job.next_run_time > now + interval + timedelta(seconds=CLOCK_SECONDS):
            job.modify(next_run_time=now)


def compact_all(casb: Casb) -> None:
    """Compact every tenant's lake."""
    _for_each_tenant(casb, lambda tenant_id: maintenance.compact(casb.lake, tenant_id))


def settle_scores(casb: Casb) -> None:
    """Score what every tenant discovered where anything changed, and note it in the history."""
    _for_each_tenant(casb, casb.score_keeping.settle)


def remove_leftovers(casb: Casb) -> None:
    """Remove rows and files of uploads that are over, and files of data sources that were deleted."""
    removed = dataclasses.asdict(cleanup.remove_uploads(casb.uploads, casb.intake.root, casb.clock()))
    removed["sources"] = cleanup.remove_sources(casb.streams, casb.settings.data / "receivers", casb.clock())
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
        _maintain_months(casb)
    except Exception as error:  # noqa: BLE001 -- rows find their place without, and go without
        log_failure("months were not tended", error)
    _for_each_tenant(casb, lambda tenant_id: _retain(casb, tenant_id))


def _tell_expiry(casb: Casb, tenant_id: int) -> None:
    """Tell who follows records that those go which are too old: a month goes as a whole, and says nothing."""
    if days := casb.settings.record_retention_days:
        for records in (casb.activities, casb.alerts):
            records.tell_expiry(tenant_id, casb.clock() - days * DAY_MS)


def _maintain_months(casb: Casb) -> None:
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
        except Exception as error:  # noqa: BLE001 -- the other tenants have their turn, and this one the next time
            log_failure("upkeep failed", error, tenant_id=tenant.tenant_id)


def _logged(job: Callable[..., object]) -> Callable[..., None]:
    """Return a job whose failure is told by a line of ours: the scheduler's own is a traceback for every outage."""

    @functools.wraps(job)
    def logged(*given: object) -> None:
        try:
            job(*given)
        except Exception as error:  # noqa: BLE001 -- it is done again the next time
            log_failure("upkeep failed", error, job=job.__name__)

    return logged
