"""The server's periodic jobs."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import polars as pl
import pytest
import trustme
from apscheduler.schedulers.background import BackgroundScheduler
from structlog.testing import capture_logs

from opencasb import upkeep
from opencasb.app import Casb
from opencasb.discovery.probe.prober import Prober
from opencasb.lake import maintenance
from opencasb.model.stream import StreamType
from opencasb.model.trace import HOST, Trace
from opencasb.store.used_assertions import UsedAssertions
from tests.conftest import NOW
from tests.lake.rows import DAY, names, usage
from tests.notify.receiver import receiving
from tests.saas.standin import app, given
from tests.saas.standin import running as running_vendor
from tests.server import eventually


def fill(casb: Casb, tenant_id: int) -> None:
    """Write usage of one day to more files than one day should have."""
    for number in range(maintenance.MANY_FILES + 1):
        rows = usage(DAY).with_columns(pl.lit(tenant_id, pl.Int32).alias("tenant_id"))
        casb.lake.append(tenant_id, rows, names(), str(number))


def files(casb: Casb, tenant_id: int) -> int:
    """Return the current number of a tenant's usage files."""
    table = casb.lake.table(tenant_id, "usage")
    return 0 if table is None else len(table.file_uris())


def test_upkeep_compacts_and_trims_every_tenant(casb: Casb) -> None:
    """Two tenants' lakes are compacted to one file each, and emptied after the retention period."""
    tenants = [casb.tenants.all()[0].tenant_id, casb.tenants.create("Other").tenant_id]
    for tenant_id in tenants:
        fill(casb, tenant_id)
    upkeep.compact_all(casb)
    assert [files(casb, tenant_id) for tenant_id in tenants] == [1, 1]
    upkeep.retain_all(casb)
    assert [files(casb, tenant_id) for tenant_id in tenants] == [1, 1]
    later = Casb(casb.settings, lambda: NOW + 100 * 86_400_000)
    upkeep.retain_all(later)
    assert [files(casb, tenant_id) for tenant_id in tenants] == [0, 0]
    later.close()


def test_upkeep_knows_the_scores_of_what_was_discovered(casb: Casb) -> None:
    """A newer catalog, or an attested fact, can then be compared with them."""
    tenant_id = casb.tenants.all()[0].tenant_id
    fill(casb, tenant_id)
    upkeep.settle_scores(casb)
    assert casb.score_keeping.settle(tenant_id) == []
    used = casb.reports.usage(tenant_id)
    app_id = used.select("app_id").first().collect().item()
    casb.score_overrides.put(tenant_id, app_id, 10, "")
    upkeep.settle_scores(casb)
    (change,) = casb.score_keeping.changes(tenant_id) or []
    assert (change.app_id, change.after, change.cause) == (app_id, 10, "override")


def test_upkeep_forgets_old_activities(casb: Casb) -> None:
    """An activity is deleted once it is older than the retention of records, not before."""
    tenant_id = casb.tenants.all()[0].tenant_id
    line = b'{"app": "box", "rawOperation": "LOGIN", "timestamp": %d}' % (NOW - 179 * 86_400_000)
    assert casb.ingest.activities(tenant_id, [line]).accepted == 1
    upkeep.retain_all(casb)
    assert casb.activities.count(tenant_id) == (1, False)
    later = Casb(casb.settings, lambda: NOW + 2 * 86_400_000)
    upkeep.retain_all(later)
    assert casb.activities.count(tenant_id) == (0, False)
    (mark,) = casb.activities.since(tenant_id, 1, 10)
    assert b'"expiredBefore":%d' % (NOW - 178 * 86_400_000) in mark.document
    upkeep.retain_all(later)
    assert casb.activities.since(tenant_id, mark.seq, 10) == []
    later.close()


def test_upkeep_forgets_traces_of_unlisted_apps_with_their_usage(casb: Casb) -> None:
    """It happens after as many days as usage is kept."""
    tenant_id, traces = casb.tenants.all()[0].tenant_id, casb.unlisted_apps.traces
    traces.note(tenant_id, [Trace("acme.example", HOST, "login.acme.example")], NOW)
    upkeep.retain_all(casb)
    assert len(traces.all(tenant_id)) == 1
    later = Casb(casb.settings, lambda: NOW + (casb.settings.retention_days + 1) * 86_400_000)
    upkeep.retain_all(later)
    assert traces.all(tenant_id) == set()
    later.close()


def test_files_of_a_deleted_data_source_go_a_day_later(casb: Casb) -> None:
    """Logs of FTP and SFTP and senders' headers are deleted; those of other sources stay."""
    tenant_id, receivers = casb.tenants.all()[0].tenant_id, casb.settings.data / "receivers"
    kept, deleted, fresh = (
        casb.streams.create(tenant_id, name, StreamType.INPUT, source="SQUID_NATIVE", receiver="sftp").stream_id
        for name in ("kept", "deleted", "fresh")
    )
    for stream_id, age in ((kept, 100), (deleted, 25), (fresh, 23)):
        (receivers / stream_id / "drop" / "processed").mkdir(parents=True)
        (receivers / stream_id / "drop" / "processed" / "access.log").write_text("ana")
        os.utime(receivers / stream_id, (NOW / 1000 - age * 3600,) * 2)
    casb.streams.delete(tenant_id, deleted)
    casb.streams.delete(tenant_id, fresh)
    upkeep.remove_leftovers(casb)
    assert {path.name for path in receivers.iterdir()} == {kept, fresh}


def test_upkeep_makes_signing_keys_and_forgets_what_is_over(casb: Casb) -> None:
    """Keys exist before the first request; removal of expired entries is logged."""
    upkeep.keep_identity(casb)
    assert len(casb.identity.keyring.published()) == 2
    UsedAssertions(casb.database).use(1, "client", "digest", NOW - 1)
    with capture_logs() as logs:
        upkeep.keep_identity(casb)
        upkeep.keep_identity(casb)
    assert [(entry["event"], entry["used_assertions"]) for entry in logs] == [("expired credentials deleted", 1)]


def test_what_is_over_is_forgotten_before_others_are_asked(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trusted issuers are asked one after the other, and may not answer."""
    UsedAssertions(casb.database).use(1, "client", "digest", NOW - 1)

    def ask() -> None:
        assert UsedAssertions(casb.database).use(1, "client", "digest", NOW - 1), "it was forgotten"

    monkeypatch.setattr(casb.identity.trust, "refresh", ask)
    upkeep.keep_identity(casb)


def test_upkeep_seals_pseudonym_keys_with_the_key_file_of_the_installation(casb: Casb) -> None:
    """Not with that of another machine, which opens no signing key: what it sealed would be lost with it."""
    tenant_id = casb.tenants.all()[0].tenant_id
    key = casb.pseudonym_keys.of(tenant_id)
    upkeep.keep_identity(casb)
    (sealed,) = (each.sealed_pseudonym_key for each in casb.tenants.all())
    assert key not in sealed
    assert casb.pseudonym_keys.of(tenant_id) == key
    other = casb.tenants.create("Other")
    (casb.settings.data / "keys" / "vault").write_bytes(bytes(32))
    elsewhere = Casb(casb.settings, casb.clock)
    upkeep.keep_identity(elsewhere)
    assert elsewhere.tenants.get(other.tenant_id) == other
    elsewhere.close()
    upkeep.keep_identity(casb)
    assert casb.tenants.get(other.tenant_id) == other, "until keys that the file does not open are gone"
    casb.identity.keyring.emergency()
    upkeep.keep_identity(casb)
    assert casb.tenants.get(other.tenant_id) != other


def test_integrations_that_are_due_are_run(casb: Casb, ca: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server runs them by itself; it also ends them when it stops."""
    monkeypatch.setattr(upkeep, "SAAS_SECONDS", 0.05)
    with running_vendor(ca) as vendor:
        vendor.streams = {"s1": ("Edge", [app(1)])}
        wanted = given(vendor, ca, schedule="every 1h")
        made = casb.saas.add(casb.tenants.all()[0].tenant_id, "graph", wanted, by="test")
        assert casb.saas.authorize(made, by="test").ok
        with upkeep.upkeep(casb):
            run = eventually(lambda: next((each for each in casb.saas.runs.history(made) if each.ended), None))
    assert (run.reason, run.outcome, run.counts["apps"]) == ("schedule", "completed", 1)


def test_who_is_responsible_is_warned_without_asking(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials about to expire are found and reported when the server starts."""
    monkeypatch.setattr(upkeep, "DELIVER_SECONDS", 0.05)
    tenant_id = casb.tenants.all()[0].tenant_id
    made = casb.identity.applications.create(tenant_id, "tool")
    casb.identity.credentials.new_client_secret(tenant_id, made.client_id, days=5)
    with receiving(None) as receiver:
        casb.notifications.channels.add(tenant_id, "webhook", receiver.url, anywhere=True, by="test")
        with upkeep.upkeep(casb):
            (post,) = eventually(lambda: receiver.posts)
    assert post.json["data"]["client_id"] == made.client_id


def test_apps_are_measured_for_every_tenant(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are, at the configured interval, until the server stops; without the setting there is no such job."""
    asked = []
    monkeypatch.setattr(Prober, "run_due", lambda _, *given: asked.append(given))
    casb.tenants.create("Fabrikam")
    stop = Event()
    upkeep.probe_all(casb, stop)
    assert asked == [(tenant.tenant_id, 0, stop) for tenant in casb.tenants.all()]
    assert "probe_all" not in jobs(casb, monkeypatch)
    casb.settings = replace(casb.settings, probe_days=30)
    assert "probe_all" in jobs(casb, monkeypatch)


def jobs(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of upkeep's jobs, without running any."""
    added: list[str] = []

    def add_job(_scheduler: object, job: Any, *_args: object, **_given: object) -> None:  # any function or method
        added.append(job.__name__)

    monkeypatch.setattr(BackgroundScheduler, "add_job", add_job)
    with upkeep.upkeep(casb):
        return added


def test_a_failure_in_one_tenants_upkeep_keeps_none_from_theirs(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is logged with the tenant's number, and retried the next time."""
    first, second = casb.tenants.all()[0].tenant_id, casb.tenants.create("Other").tenant_id
    done: list[int] = []

    def compact(_lake: object, tenant_id: int) -> None:
        if tenant_id == first:
            raise OSError("disk")
        done.append(tenant_id)

    monkeypatch.setattr(maintenance, "compact", compact)
    with capture_logs() as logs:
        upkeep.compact_all(casb)
    assert done == [second]
    assert [(entry["event"], entry["tenant_id"]) for entry in logs] == [("upkeep failed", first)]


def test_an_outage_is_a_line_and_no_traceback(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job and the tenant do not matter."""

    def away(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(maintenance, "compact", away)
    monkeypatch.setattr("opencasb.discovery.cleanup.remove_uploads", away)
    with capture_logs() as logs:
        upkeep.compact_all(casb)
        with upkeep.upkeep(casb):
            eventually(lambda: [entry for entry in logs if entry.get("job") == "remove_leftovers"])
    first, *_ = logs
    assert first["reason"] == "the data directory can be read, not written: its file system or server is read-only"
    assert [entry for entry in logs if "exc_info" in entry] == []


def test_a_clock_that_is_set_back_ends_no_upkeep() -> None:
    """A time server may correct it, after a start with a clock hours ahead."""
    scheduler, done = BackgroundScheduler(timezone="UTC"), Event()
    now = datetime.now(UTC)
    ahead = now + timedelta(hours=9)
    late = scheduler.add_job(done.set, "interval", minutes=5, next_run_time=ahead)
    due = scheduler.add_job(int, "interval", hours=10, next_run_time=ahead)
    once = scheduler.add_job(int, "date", run_date=ahead)
    scheduler.start()
    upkeep.follow_clock(scheduler, now)
    assert done.wait(30)
    assert late.next_run_time < now + timedelta(minutes=6)
    assert (due.next_run_time, once.next_run_time) == (ahead, ahead)
    scheduler.shutdown()


def test_what_a_kill_left_goes_as_soon_as_a_server_starts(casb: Casb) -> None:
    """The first upkeep of uploads does not wait an hour."""
    orphan = casb.intake.root / ("0" * 24)
    orphan.mkdir(parents=True)
    with upkeep.upkeep(casb):
        eventually(lambda: not orphan.exists())
