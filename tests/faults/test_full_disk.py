"""A full disk is reported; acknowledged data is kept, nothing is stored partially, and work resumes with free space."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import polars as pl
import pytest
import sqlalchemy as sa

from opencasb.app import Casb, now_ms
from opencasb.discovery.processing import Postponed
from opencasb.discovery.worker import POSTPONED_MS
from opencasb.settings import load
from opencasb.store.outage import RETRY_AFTER
from opencasb.store.uploads import MAX_ATTEMPTS
from tests.faults import kills
from tests.faults.client import Client
from tests.faults.disks import change, fill, small_disk
from tests.faults.kills import DELIVERY, Reader, delivery, lines
from tests.server import PROGRAM, House, Server, eventually, free_port, prepare

LINES = 300


def log(lines: int = LINES) -> bytes:
    """Return a Squid log from an hour ago."""
    start = time.time() - 3600
    return "".join(
        f"{start + n / 100:.3f} 5 10.0.0.{n % 200} TCP_MISS/200 {n} GET http://www.dropbox.com/{n} user{n % 50}"
        " HIER_DIRECT/162.125.1.1 text/html\n"
        for n in range(lines)
    ).encode()


def run(data: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a separate process."""
    command = [sys.executable, "-c", PROGRAM, *words, "--data", str(data)]
    environment = {**os.environ, **settings}
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


def refused(answer: httpx.Response, full: str) -> None:
    """Expect 507, with the name of what is full."""
    assert (answer.status_code, answer.headers.get("retry-after")) == (507, str(RETRY_AFTER)), answer.text
    said = f"the disk of the {full} is full; nothing of this was acknowledged, repeat it later"
    assert answer.json() == {"detail": said}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for an installation and a few megabytes more."""
    with small_disk(tmp_path / "disk", "24m") as folder:
        yield folder


def until_refused(ask: Callable[[int], httpx.Response], first: int) -> tuple[httpx.Response, int]:
    """Call with growing numbers until the response is an error; return it and its number."""
    for number in range(first, first + 1000):
        answer = ask(number)
        if answer.status_code != 200:
            return answer, number
    raise AssertionError("the disk did not get full")


@pytest.mark.slow
def test_a_server_on_a_full_disk_refuses_and_goes_on(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Activities, log files and commands are rejected with the reason.

    After a kill, with free space, all are stored once.
    """
    monkeypatch.setenv("OPENCASB_FEED_REQUESTS_PER_MINUTE", "0")
    house = prepare(disk / "data")
    reader = Reader()
    server = Server(house, free_port(), free_port())
    try:
        server.wait()
        with httpx.Client(base_url=server.plain, headers=kills.token(server), timeout=60) as client:
            reader.catch_up(server)  # its first cursor creates a key
            full = _overfill(client, house, disk)
            reader.catch_up(server)  # reading still works
            listed = client.post("/api/v1/activities/", json={"limit": 1}).raise_for_status().json()
            assert listed["total"] == len(reader.read_ids) == full * DELIVERY
    finally:
        server.kill()
    (disk / "filler").unlink()
    server = Server(house, free_port(), free_port())
    try:
        server.wait()
        reader.catch_up(server)
        assert len(reader.read_ids) <= (full + 1) * DELIVERY  # unacknowledged deliveries may be stored completely
        assert kills.post(server, full)
        reader.catch_up(server)
        everything = [record["_id"] for number in range(full + 1) for record in delivery(number)]
        assert (reader.breaks, reader.read_ids) == ([], everything)
        with server.client() as client:
            _upload(client, client.get(UPLOAD_URL).raise_for_status().json()["url"])
            tasks = eventually(lambda: _ended(client))
            assert [task["status"]["isSuccess"] for task in tasks] == [True, True]
    finally:
        server.kill()


UPLOAD_URL = "/api/v1/discovery/upload_url/?filename=access.log&source=SQUID_NATIVE"


def _overfill(client: httpx.Client, house: House, disk: Path) -> int:
    """Fill the disk and try every kind of delivery; returns the number of the first rejected one."""
    url = httpx.URL(client.get(UPLOAD_URL).raise_for_status().json()["url"]).raw_path.decode()
    fill(disk)

    def deliver(number: int) -> httpx.Response:
        return client.post("/api/v1/ingest/activities/", content=lines(number))

    answer, full = until_refused(deliver, 0)
    refused(answer, "database")
    refused(until_refused(lambda _: client.get(UPLOAD_URL), 0)[0], "database")
    refused(client.put(url, content=log(20_000), headers={"Authorization": ""}), "data directory")
    assert not list((house.data / "uploads").rglob("part-*"))
    (house.data.parent.parent / "activities.jsonl").write_bytes(lines(full))
    done = run(house.data, "ingest", "activities", str(house.data.parent.parent / "activities.jsonl"))
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "Error: the disk of the database is full (database or disk is full)\n",
    )
    return full


def _upload(client: httpx.Client, url: str) -> None:
    client.put(url, content=log(), headers={"Authorization": ""}).raise_for_status()
    client.post("/api/v1/discovery/done_upload/", json={"uploadUrl": url}).raise_for_status()


def _ended(client: httpx.Client) -> list[dict[str, dict[str, bool]]]:
    """Return the tasks once there are two, the parse and its follow-up, and neither is pending."""
    tasks: list[dict[str, dict[str, bool]]] = (
        client.post("/api/v1/governance/", json={}).raise_for_status().json()["data"]
    )
    return tasks if len(tasks) == 2 and all("status" in task for task in tasks) else []


def test_a_log_waits_for_room_in_the_lake(tmp_path: Path) -> None:
    """Despite retries, the upload stays queued with the reason; with free space it is counted once."""
    (tmp_path / "access.log").write_bytes(log())
    with small_disk(tmp_path / "lake", "256k") as lake:
        fill(lake)
        words = ["upload", str(tmp_path / "access.log"), "--source", "SQUID_NATIVE"]
        Casb.open(load(tmp_path / "data", lake_url=str(lake))).close()
        done = run(tmp_path / "data", *words, OPENCASB_LAKE_URL=str(lake))
        said = "the disk of the usage lake is full"
        assert (done.returncode, done.stdout) == (1, f"{tmp_path / 'access.log'}: queued: {said}\n"), done.stderr
        now = [now_ms()]
        with closing(Casb(load(tmp_path / "data", lake_url=str(lake)), lambda: now[0])) as casb:
            for _ in range(2 * MAX_ATTEMPTS):
                _try_again(casb, now, said)
            (lake / "filler").unlink()
            now[0] += 2 * POSTPONED_MS
            leased = casb.uploads.lease("next")
            assert leased is not None
            casb.processing.run(leased)
            usage = casb.lake.usage(leased.tenant_id)
            assert usage.select(pl.col("transactions").sum()).collect().item() == LINES
            tasks, _ = casb.governance_log.page(leased.tenant_id)
            assert [(task["status"]["isSuccess"], "waitsFor" in task) for task in tasks] == [(True, False)] * 2


def _try_again(casb: Casb, now: list[int], said: str) -> None:
    """Let the worker retry when the upload is due, and check that it is still queued."""
    now[0] += 2 * POSTPONED_MS
    leased = casb.uploads.lease("next")
    assert leased is not None
    with pytest.raises(Postponed, match=said):
        casb.processing.run(leased)
    casb.uploads.change(leased.tenant_id, leased.upload_id, attempts=leased.attempts - 1, lease_owner="", lease_until=0)
    tasks, _ = casb.governance_log.page(leased.tenant_id)
    assert [("status" in task, task["waitsFor"]) for task in tasks] == [(False, said)]


@pytest.fixture
def tablespace(postgresql_url: str) -> Iterator[tuple[str, Path]]:
    """The URL of a PostgreSQL database whose tables are on a small disk, and that disk."""
    folder = Path(tempfile.mkdtemp(prefix="casb-disk-"))
    server = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    folder.chmod(0o755)  # the server runs as another user
    try:
        with small_disk(folder / "disk", "40m") as disk, server.connect() as connection:
            (disk / "tables").mkdir()
            if os.geteuid() == 0:
                shutil.chown(disk / "tables", "postgres", "postgres")
            connection.execute(sa.text(f"create tablespace small location '{disk / 'tables'}'"))
            connection.execute(sa.text("create database small tablespace small"))
            try:
                url = sa.make_url(postgresql_url).set(database="small")
                _extend(url)
                yield url.render_as_string(hide_password=False), disk
            finally:
                connection.execute(sa.text("drop database small with (force)"))
                connection.execute(sa.text("drop tablespace small"))
    finally:
        server.dispose()
        shutil.rmtree(folder)


def _extend(url: sa.URL) -> None:
    inside = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        connection.execute(sa.text("create extension if not exists pg_trgm"))
    inside.dispose()


def test_a_full_postgresql_refuses_and_goes_on(tablespace: tuple[str, Path], tmp_path: Path) -> None:
    """Acknowledged data is stored, rejected data is not, and with free space it is accepted."""
    url, disk = tablespace
    with Client(load(tmp_path / "data", database_url=url, requests_per_minute=0)) as client:
        filler = fill(disk)

        def deliver(number: int) -> httpx.Response:
            return client.call("POST", "/api/v1/ingest/activities/", content=lines(number))

        answer, full = until_refused(deliver, 0)
        refused(answer, "database")
        assert client.casb.activities.count(client.tenant_id) == (full * DELIVERY, False)
        filler.unlink()
        change(disk, "size=80m")
        assert deliver(full).json()["accepted"] == DELIVERY
        assert [each.seq for each in client.casb.activities.since(client.tenant_id, 0, 10**6)] == list(
            range(1, (full + 1) * DELIVERY + 1)
        )


def test_a_read_only_file_system_is_told(tmp_path: Path) -> None:
    """A log cannot be stored: 503 with Retry-After."""
    with Client(load(tmp_path / "data")) as client, small_disk(tmp_path / "data" / "uploads", "1m") as uploads:
        path = httpx.URL(client.call("GET", UPLOAD_URL).json()["url"]).raw_path.decode()
        change(uploads, "ro")
        answer = client.call("PUT", path, content=log())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, str(RETRY_AFTER))
        assert answer.json()["detail"].startswith("the data directory can be read, not written: ")
        change(uploads, "rw")
        assert client.call("PUT", path, content=log()).status_code == 201
