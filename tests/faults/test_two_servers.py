"""Two servers on one PostgreSQL form one installation: no data is lost, duplicated or reported out of order."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from opencasb.activities.alert_columns import record
from opencasb.app import Casb
from opencasb.settings import load
from opencasb.store import partitions
from opencasb.store.activities import ACTIVITIES
from tests.alerts import alert, alert_id
from tests.faults.kills import DAY_MS, DELIVERY, SMALL_BATCHES, Reader, delivery, own_database
from tests.server import House, Server, free_port, prepare

DELIVERIES = 4
ALERTS = 12


@pytest.fixture
def servers(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, Server]]:
    """Two servers started concurrently on a database without tables."""
    data = tmp_path / "data"
    prepared = prepare(data)  # provides keys and certificates; the tenant is in another database
    monkeypatch.setenv("OPENCASB_FEED_REQUESTS_PER_MINUTE", "0")
    with ExitStack() as stack:
        monkeypatch.setenv("OPENCASB_DATABASE_URL", stack.enter_context(own_database(postgresql_url)))
        first, second = (Server(prepared, free_port(), free_port(), SMALL_BATCHES) for _ in range(2))
        for server in (first, second):
            stack.callback(server.kill)
        for server in (first, second):
            server.wait()
        first.house = second.house = prepare(data)
        yield first, second


def signed(server: Server) -> dict[str, str]:
    """Return the header with the administrator's token."""
    return {"Authorization": f"Token {server.house.token}"}


def body(number: int) -> bytes:
    """Return a delivery of activities from three months and with absurd times."""
    now = int(time.time() * 1000)
    times = itertools.cycle([now, now - 30 * DAY_MS, now - 60 * DAY_MS, 0, 253_402_300_799_000])
    return "".join(
        json.dumps({**each, "timestamp": at}) + "\n" for each, at in zip(delivery(number), times, strict=False)
    ).encode()


def deliver(server: Server, numbers: list[int]) -> int:
    """Send deliveries sequentially; returns how many activities were new."""
    url = f"{server.plain}/api/v1/ingest/activities/"
    answers = (httpx.post(url, content=body(number), headers=signed(server), timeout=60) for number in numbers)
    return sum(int(answer.raise_for_status().json()["accepted"]) for answer in answers)


def close(server: Server, numbers: list[int]) -> int:
    """Close alerts in calls of three; returns how many were closed."""
    closed = 0
    for some in zip(*[iter(numbers)] * 3, strict=True):
        asked = {"filters": {"id": {"eq": [alert_id(number) for number in some]}}}
        url = f"{server.plain}/api/v1/alerts/close_benign/"
        answer = httpx.post(url, json=asked, headers=signed(server), timeout=60).raise_for_status()
        closed += int(answer.json()["closed_benign"])
    return closed


def sequences(server: Server, resource: str) -> list[tuple[int, str]]:
    """Return the numbers and ids of all changes in a resource's feed."""
    answer = httpx.get(
        f"{server.plain}/feed/v1/{resource}", params={"limit": 10_000}, headers=signed(server), timeout=60
    )
    *changes, _ = [json.loads(line) for line in answer.raise_for_status().text.splitlines()]
    return [(change["sequence"], change["record"]["_id"]) for change in changes]


@pytest.mark.slow
def test_what_is_sent_to_both_is_there_once_and_told_in_order_by_both(servers: tuple[Server, Server]) -> None:
    """Overlapping deliveries and closes count once, and readers of both servers see every change in order."""
    with_alerts(servers[0].house)
    readers = [Reader(), Reader()]
    forth, back = list(range(DELIVERIES)), list(reversed(range(DELIVERIES)))
    numbers = list(range(ALERTS))
    with ThreadPoolExecutor(8) as pool, ExitStack() as stack:
        for server, reader in zip(servers, readers, strict=True):
            stack.enter_context(reader.following(server))
        new = [pool.submit(deliver, server, order) for server in servers for order in (forth, back)]
        closed = [pool.submit(close, server, order) for server in servers for order in (numbers, numbers[::-1])]
        assert sum(each.result() for each in new) == DELIVERIES * DELIVERY
        assert sum(each.result() for each in closed) == ALERTS
    for server, reader in zip(servers, readers, strict=True):
        reader.catch_up(server)
        assert reader.breaks == []
    assert readers[0].read_ids == readers[1].read_ids
    assert len(set(readers[0].read_ids)) == len(readers[0].read_ids) == DELIVERIES * DELIVERY + ALERTS
    told = sequences(servers[0], "alerts")
    assert told == sequences(servers[1], "alerts") == sorted(told)
    assert sorted(each for _, each in told) == [alert_id(number) for number in numbers]
    assert stored_in_months(servers[0].house) >= 3


def with_alerts(house: House) -> None:
    """Store open alerts."""
    casb = Casb(load(house.data))
    tenant = casb.tenants.by_guid_or_domain(house.tenant_guid)
    assert tenant is not None
    casb.alerts.put(tenant.tenant_id, [record(alert(number)) for number in range(ALERTS)])
    casb.close()


def stored_in_months(house: House) -> int:
    """Return the number of monthly partitions of activities: the two servers create each once."""
    casb = Casb(load(house.data))
    with casb.database.read() as connection:
        months = [span for _, span in partitions.spans(connection, ACTIVITIES.table)]
    casb.close()
    return len(months) if len(set(months)) == len(months) else 0
