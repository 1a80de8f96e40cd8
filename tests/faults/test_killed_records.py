"""Wherever a process that stores records is killed, acknowledged records are neither lost nor duplicated.

The moments are random, from a seed: during startup and recovery, within a request, in and between transactions, right
after the response, and likewise for commands beside a running server. Every run has a few kills; ``FAULT_KILLS=200``
sets their number on each engine, ``FAULT_SEED`` changes the moments.
"""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import sqlalchemy as sa

from opencasb.activities import ingest
from opencasb.app import Casb
from opencasb.settings import load
from tests.faults import kills
from tests.faults.kills import BATCH, Reader, command, delivery, ids, lines, own_database, post
from tests.server import House, Server, free_port, prepare

KILLS = int(os.environ.get("FAULT_KILLS", "3"))
SEED = int(os.environ.get("FAULT_SEED", "1"))


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An installation with its own empty database, once per engine."""
    monkeypatch.setenv("OPENCASB_FEED_REQUESTS_PER_MINUTE", "0")
    with ExitStack() as stack:
        if request.param == "postgresql":
            url = stack.enter_context(own_database(request.getfixturevalue("postgresql_url")))
            monkeypatch.setenv("OPENCASB_DATABASE_URL", url)
        yield prepare(tmp_path / "data")


class Murder:
    """Delivers and kills repeatedly; an unacknowledged delivery is sent again as a whole."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.chance = random.Random(SEED)  # noqa: S311 -- which moments, not which secrets
        self.reader = Reader()
        self.acknowledged: set[int] = set()
        self.begun = 1
        """How many deliveries were sent, with any outcome."""
        self.killed: Counter[str] = Counter()
        self.start_seconds = 1.0
        self.delivery_seconds = 0.1

    def waiting(self, count: int = 1) -> list[int]:
        """Return the numbers of the next deliveries, unacknowledged ones first."""
        numbers = range(len(self.acknowledged) + count)
        found = [number for number in numbers if number not in self.acknowledged][:count]
        self.begun = max(self.begun, found[-1] + 1)
        return found

    def life(self) -> None:
        """Sometimes kill a startup; then start a server, check it, kill a command beside it, and kill the server."""
        if self.chance.random() < 0.5:
            self._kill_start()
        begun = time.monotonic()
        server = Server(self.house, free_port(), free_port(), kills.SMALL_BATCHES)
        try:
            server.wait()
            self.start_seconds = time.monotonic() - begun
            self.reader.catch_up(server)
            read = set(self.reader.read_ids)
            assert all(ids(number) <= read for number in self.acknowledged)
            with self.reader.following(server):
                self._kill_command()
                begun = time.monotonic()
                self._deliver(server, 1)  # also warms up the server
                self.delivery_seconds = time.monotonic() - begun
                self.chance.choice((self._kill_requests, self._kill_requests, self._kill_half_a_request))(server)
        finally:
            server.kill()

    def _kill_start(self) -> None:
        server = Server(self.house, free_port(), free_port())
        time.sleep(self.chance.uniform(0, self.start_seconds))
        server.kill()
        self.killed["start"] += 1

    def _kill_command(self) -> None:
        (number,) = self.waiting()
        process = command(self.house, number)
        assert process.stderr is not None
        in_start = self.chance.random() < 0.1
        if not in_start:
            assert process.stderr.readline() == "storing\n", process.stderr.read()
        time.sleep(self.chance.uniform(0, self.delivery_seconds * 1.2))
        process.kill()
        answer, _ = process.communicate()
        self.killed["command done" if answer else "command starting" if in_start else "command storing"] += 1
        if answer:
            self.acknowledged.add(number)

    def _kill_requests(self, server: Server) -> None:
        """Kill during concurrent deliveries, which may share a transaction."""
        senders = self.chance.randrange(1, 4)
        seconds = self.chance.uniform(0, self.delivery_seconds * 1.2 * senders)
        killer = threading.Timer(seconds, server.kill)
        killer.start()
        answered = self._deliver(server, senders)
        killer.join()
        self.killed["requests answered" if answered == senders else "requests running"] += 1

    def _deliver(self, server: Server, senders: int) -> int:
        """Send concurrent deliveries; returns how many were acknowledged."""
        numbers = self.waiting(senders)
        with ThreadPoolExecutor(senders) as pool:
            answers = list(pool.map(lambda number: post(server, number), numbers))
        self.acknowledged |= {number for number, answer in zip(numbers, answers, strict=True) if answer}
        return sum(answers)

    def _kill_half_a_request(self, server: Server) -> None:
        body, address = lines(self.waiting()[0]), urlsplit(server.plain)
        head = f"POST /api/v1/ingest/activities/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        with socket.create_connection((address.hostname or "", address.port or 0)) as half:
            half.sendall(f"{head}Authorization: Token {self.house.token}\r\n\r\n".encode())
            half.sendall(body[: self.chance.randrange(len(body))])
            time.sleep(self.chance.uniform(0, 0.02))
            server.kill()
        self.killed["request half sent"] += 1


Contents = dict[str, tuple[dict[str, Any], list[Any]]]
"""By resource: the documents by id, and the number of values of each field."""


def contents(casb: Casb, tenant: int) -> Contents:
    """Return a tenant's stored data."""
    found: Contents = {}
    for records in (casb.activities, casb.entities, casb.files):
        values = records.kind.values
        count = sa.select(values.c.field, values.c.value, sa.func.count()).group_by(values.c.field, values.c.value)
        with casb.database.read() as connection:
            counts = sorted(tuple(row) for row in connection.execute(count))
        changes = records.since(tenant, 0, 1_000_000)
        documents = {change.record_id: msgspec.json.decode(change.document) for change in changes}
        assert len(documents) == len(changes)
        for each in documents.values():
            each.pop("aadTenantId", None)  # differs from store to store
        found[records.kind.name] = documents, counts
    return found


@pytest.mark.slow
def test_acknowledged_activities_are_there_once_after_kills_at_any_moment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many kills the store equals one without kills: records, values, people, files, and a reader's feed."""
    murder = Murder(house)
    while murder.killed.total() < KILLS:
        murder.life()
    print(f"\n{murder.killed.total()} kills of seed {SEED}: {dict(sorted(murder.killed.items()))}")  # noqa: T201
    server = Server(house, free_port(), free_port(), kills.SMALL_BATCHES)
    try:
        server.wait()
        for number in range(murder.begun):
            assert post(server, number)
        murder.reader.catch_up(server)
    finally:
        server.kill()
    everything = [record["_id"] for number in range(murder.begun) for record in delivery(number)]
    assert murder.reader.breaks == []
    assert sorted(murder.reader.read_ids) == sorted(everything)
    with closing(Casb.open(load(house.data))) as casb:
        tenant = casb.tenants.all()[0].tenant_id
        found = contents(casb, tenant)
    monkeypatch.delenv("OPENCASB_DATABASE_URL", raising=False)
    monkeypatch.setattr(ingest, "BATCH", BATCH)
    with closing(Casb.open(load(house.data.parent / "unharmed"))) as casb:
        for number in range(murder.begun):
            casb.ingest.activities(tenant, lines(number).splitlines())
        assert found == contents(casb, tenant)
