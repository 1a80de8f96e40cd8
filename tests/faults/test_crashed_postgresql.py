"""Wherever PostgreSQL crashes, what was acknowledged is neither lost nor doubled, and the server needs no restart.

The moments are random, from a seed; ``FAULT_KILLS`` and ``FAULT_SEED`` work as in ``tests/faults/saas_runs.py``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import httpx
import pytest

from tests import postgres
from tests.faults.kills import DELIVERY, SMALL_BATCHES, Reader, delivery, lines
from tests.faults.saas_runs import KILLS, SEED
from tests.faults.test_killed_server import add_syslog_source, log, pending, send, transactions
from tests.server import House, Server, eventually, prepare, running

pytestmark = pytest.mark.slow

LINES = 2_000


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a database on a server of its own."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as url:
        monkeypatch.setenv("OPENCASB_DATABASE_URL", url)
        yield url


@pytest.fixture
def house(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """An installation in that database."""
    assert database
    monkeypatch.setenv("OPENCASB_FEED_REQUESTS_PER_MINUTE", "0")
    return prepare(tmp_path / "data")


def told(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeat a call while it is refused because the database is away; return the answer that acknowledges it."""

    def answer() -> httpx.Response | None:
        found = call()
        if found.status_code == 503:
            assert found.headers["retry-after"]
            return None
        return found.raise_for_status()

    return eventually(answer)


def deliver(server: Server, number: int) -> int:
    """Deliver activities; return how many were new, as far as was told."""
    with server.client() as client:
        counts = told(lambda: client.post("/api/v1/ingest/activities/", content=lines(number))).json()
    assert counts["accepted"] + counts["repeated"] == DELIVERY
    return int(counts["accepted"])


def upload(server: Server, number: int) -> str:
    """Upload a log in three steps; return the stream's id."""
    query = {"filename": "access.log", "source": "SQUID_NATIVE"}
    body, anonymous = log(LINES, f"{number}/"), {"Authorization": "", "x-ms-blob-type": "BlockBlob"}
    with server.client() as client:
        url = told(lambda: client.get("/api/v1/discovery/upload_url/", params=query)).json()["url"]
        assert told(lambda: client.put(url, content=body, headers=anonymous)).status_code == 201
        done = told(lambda: client.post("/api/v1/discovery/done_upload/", json={"uploadUrl": url})).json()
    return str(done["inputStreamId"])


def crashing(url: str, seconds: float) -> threading.Timer:
    """Let PostgreSQL crash after some time."""
    timer = threading.Timer(seconds, postgres.crash, (url,))
    timer.start()
    return timer


def test_what_was_acknowledged_outlives_crashes_at_any_moment(house: House, database: str) -> None:
    """Activities, as a reader of the feed gets them, uploads and lines of syslog count once; every task succeeds."""
    port, edge = add_syslog_source(house)
    chance, reader, uploaded = Random(SEED), Reader(), ""  # noqa: S311 -- which moments, not which secrets
    with running(house, SMALL_BATCHES) as server:
        send(port, log(LINES, "edge/"))
        began = time.monotonic()
        deliver(server, 0)
        upload(server, 0)
        usual = time.monotonic() - began
        for number in range(1, KILLS + 1):
            crash = crashing(database, chance.uniform(0, usual))
            deliver(server, number)
            uploaded = upload(server, number)
            send(port, log(LINES, f"edge{number}/"))
            crash.join()
        reader.catch_up(server)
        with server.client() as client:
            eventually(lambda: pending(client) == 0)
            eventually(lambda: transactions(client, edge) == (KILLS + 1) * LINES)
            assert transactions(client, uploaded) == (KILLS + 1) * LINES
            tasks = client.post("/api/v1/governance/", json={}).json()["data"]
    everything = {each["_id"] for number in range(KILLS + 1) for each in delivery(number)}
    assert (reader.breaks, len(reader.read_ids), set(reader.read_ids)) == ([], len(everything), everything)
    assert all(task["status"]["isSuccess"] for task in tasks)
