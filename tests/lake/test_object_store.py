"""A lake on an object store: the same operations as in a directory, with many concurrent writers."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import obstore
import polars as pl
import pytest
from obstore.store import from_url

from opencasb.app import Casb
from opencasb.discovery.processing import Postponed
from opencasb.lake import maintenance
from opencasb.lake.object_store import UnsafeStore, check
from opencasb.lake.usage import Lake
from opencasb.listening import Sockets
from opencasb.program import Opener
from opencasb.settings import Settings
from opencasb.store.outage import LAKE, Outage, outage_of
from opencasb.store.uploads import Upload
from tests import object_store
from tests.conftest import NOW
from tests.discovery.logs import squid
from tests.discovery.queue import enqueue, lease, source_of, transactions
from tests.lake.rows import DAY, names, usage
from tests.server import free_port

pytestmark = pytest.mark.slow

UPLOADS, WORKERS, LINES = 5, 2, 20
WRITERS, BATCHES = 4, 3
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """A running store, and its clients' environment."""
    with object_store.server() as variables:
        yield variables


@pytest.fixture
def bucket(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a bucket that this process can write to."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return f"s3://{object_store.BUCKET}"


def test_the_whole_way_of_a_log_leads_over_the_object_store(bucket: str, tmp_path: Path) -> None:
    """The report has the logs parsed by several workers at once, even after compaction and a restart."""
    settings = Settings(data=tmp_path, lake_url=f"{bucket}/a-company/")
    casb = Casb.open(settings, clock=lambda: NOW)
    tenant_id = casb.tenants.create("Example").tenant_id
    stream = source_of(casb)
    for number in range(UPLOADS):
        enqueue(casb, squid(when=NOW / 1000 - 60 - number, lines=LINES))
    leased = [lease(casb) for _ in range(UPLOADS)]
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda worker: _process(settings, leased[worker::WORKERS]), range(WORKERS)))
    _expect(casb, tenant_id, stream.stream_id)
    assert maintenance.compact(casb.lake, tenant_id) == 1
    assert [casb.lake.brought(tenant_id, key) for key in (f"{stream.stream_id}:{leased[0].digest}", "x")] == [
        True,
        False,
    ]
    casb.close()

    again = Casb.open(settings, clock=lambda: NOW)
    _expect(again, tenant_id, stream.stream_id)
    later = NOW + 91 * DAY_MS
    for now in (later, later + DAY_MS):
        maintenance.retain(again.lake, tenant_id, 90, now)
    maintenance.vacuum(again.lake, tenant_id)
    assert again.reports.totals(tenant_id, stream.stream_id, 90)["users"] == 0
    assert again.lake.names(tenant_id).collect().is_empty()
    assert not (tmp_path / "lake").exists()
    again.close()


def test_no_commit_is_lost_when_everybody_writes_at_once(bucket: str) -> None:
    """With concurrent writers, compaction and retention, every batch is there once."""
    root = f"{bucket}/contended"
    Lake(root).append(1, usage(DAY - timedelta(days=91)), names(), "old")

    def write(writer: int) -> None:
        for batch in range(BATCHES):
            Lake(root).append(1, usage(), names(), f"{writer} {batch}")

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        work: list[Future[object]] = [pool.submit(write, writer) for writer in range(WRITERS)]
        work += [
            pool.submit(maintenance.compact, Lake(root), 1),
            pool.submit(maintenance.retain, Lake(root), 1, 90, NOW),
        ]
    assert [future.exception() for future in work] == [None] * (WRITERS + 2)
    maintenance.compact(Lake(root), 1)
    rows = Lake(root).usage(1)
    assert rows is not None
    assert rows.select(pl.col("transactions").sum()).collect().item() == WRITERS * BATCHES * 6
    assert not any(Lake(root).append(1, usage(), names(), f"{writer} 0") for writer in range(WRITERS))


def test_a_tenant_that_is_forgotten_leaves_no_object(bucket: str) -> None:
    """Other tenants' usage remains; a tenant without usage is no error."""
    lake = Lake(f"{bucket}/forgetful")
    for tenant_id in (1, 12):
        lake.append(tenant_id, usage(), names(), "one")
    maintenance.forget_tenant(lake, 1)
    maintenance.forget_tenant(lake, 2)
    paths = [each["path"] for page in obstore.list(from_url(lake.root)) for each in page]
    assert paths
    assert all(path.startswith("12/") for path in paths)


def test_a_store_that_loses_commits_is_refused(bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The server does not start if the store ignores conditional writes, or rejects writes."""
    check(bucket)
    with pytest.raises(UnsafeStore, match="ignores conditional writes"):
        check(f"s3://{object_store.CARELESS}/lake")
    casb = Casb.open(Settings(data=tmp_path, lake_url="s3://missing/lake"))
    with pytest.raises(SystemExit) as ended:
        Opener().serve(casb, Sockets(), lambda: None)
    casb.close()
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("the lake 's3://missing/lake' cannot be written: ")


def test_uploads_wait_for_an_object_store_that_is_away(bucket: str, tmp_path: Path) -> None:
    """The upload is not at fault: it is retried without limit, and counts once the store is back."""
    casb = Casb.open(Settings(data=tmp_path, lake_url=f"{bucket}/away"), clock=lambda: NOW)
    casb.tenants.create("Example")
    enqueue(casb, squid(when=NOW / 1000 - 60, lines=LINES))
    upload = lease(casb)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
        with pytest.raises(Postponed, match="usage lake does not answer"):
            casb.processing.run(upload)
    casb.processing.run(upload)
    assert transactions(casb) == LINES
    casb.close()


def test_a_store_that_swallows_everything_is_given_up(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Concurrent readers ask it all at once, so that they wait no longer than a single one."""
    monkeypatch.setattr("opencasb.lake.usage.TIMEOUTS", {"timeout": "120s", "retry_timeout": "1s"})
    monkeypatch.setattr("opencasb.lake.usage.TURN_SECONDS", 0.1)
    lake = Lake(f"{bucket}/swallowed")
    lake.append(1, usage(), names(), "one")
    with ThreadPoolExecutor(WRITERS) as readers, ExitStack() as silent:
        store = silent.enter_context(socket.create_server(("127.0.0.1", 0)))
        store.settimeout(60)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{store.getsockname()[1]}")
        away = Lake(f"{bucket}/swallowed")
        answers = [readers.submit(away.version, 1) for _ in range(WRITERS)]
        for _ in range(WRITERS):
            silent.enter_context(store.accept()[0])
        silent.close()
        for answer in answers:
            assert outage_of(answer.exception() or Exception()) == Outage(LAKE, "away")


def _process(settings: Settings, uploads: Sequence[Upload]) -> None:
    casb = Casb.open(settings, clock=lambda: NOW)  # as in each process of a server
    for upload in uploads:
        casb.processing.run(upload)
    casb.close()


def _expect(casb: Casb, tenant_id: int, stream_id: str) -> None:
    assert casb.reports.totals(tenant_id, stream_id, 30) == {"users": 5, "ip_addresses": 1, "devices": 0}
    assert transactions(casb) == UPLOADS * LINES
