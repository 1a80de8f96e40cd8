"""SaaS management reading from a real server over TLS that allows thirty requests per minute (saas §8, 10).

The server counts over two minutes, so a burst of sixty is allowed. Both sides share a clock that runs normally, and
that the consumer's sleeps advance: nobody waits a minute.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from opencasb.api.graph.throttle import MINUTES
from opencasb.app import now_ms
from opencasb.settings import CONFIG_NAME
from tests.clients.saas_house import Consumer, same, source
from tests.server import Server, prepare, running

pytestmark = pytest.mark.xdist_group("graph-sdk")  # together with the other clients' server

LIMIT = 30
AT_ONCE, WINDOW_MS = LIMIT * MINUTES, MINUTES * 60_000
APPS = {"Endpoints": range(5_000), "Firewall": range(4_000, 8_000), "Report": range(7_900, 9_100)}
PAGES = 50 + 40 + 12

MOVED = """
import os, time

folder, ns = os.environ["OPENCASB_DATA"], time.time_ns

def moved_ns():
    with open(folder + "/moved") as file:
        return ns() + int(file.read()) * 1_000_000

time.time_ns = moved_ns
time.time = lambda: moved_ns() / 1e9

import json
from opencasb import server
from opencasb.app import now_ms
from opencasb.program import main

class Recording(server.Dispatcher):
    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        note = {"path": scope["path"], "asked": now_ms()}

        async def noted(message):
            if message["type"] == "http.response.start":
                headers = {name.lower(): value.decode() for name, value in message["headers"]}
                note.update(status=message["status"], answered=now_ms(), wait=int(headers.get(b"retry-after", "0")))
                with open(folder + "/requests", "a") as log:
                    log.write(json.dumps(note) + "\\n")
            await send(message)

        await super().__call__(scope, receive, noted)

server.Dispatcher = Recording
main()
"""
"""The server program with the shared clock; it records each request and the time of its response (ms)."""


class Clock:
    """The clock of both sides: ``moved`` is a file with its offset (ms)."""

    def __init__(self, moved: Path) -> None:
        self._moved = moved
        self._ahead = 0
        self.sleep(0)

    def __call__(self) -> int:
        """Return the time in ms."""
        return now_ms() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Advance the clock at once."""
        self._ahead += round(seconds * 1000)
        new = self._moved.with_suffix(".new")
        new.write_text(str(self._ahead))
        new.replace(self._moved)


@dataclass(frozen=True)
class Request:
    """A request seen by the server; ``wait`` is its ``Retry-After`` in seconds."""

    path: str
    asked: int
    answered: int
    status: int
    wait: int


def seen(server: Server) -> list[Request]:
    """Return the requests to the Graph."""
    lines = (server.house.data / "requests").read_text().splitlines()
    return [each for each in (Request(**json.loads(line)) for line in lines) if each.path.startswith("/beta/")]


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[tuple[Server, Clock]]:
    """A server with a low limit, and its clock."""
    house = prepare(tmp_path / "server")
    (house.data / CONFIG_NAME).write_text(f"graph_requests_per_minute = {LIMIT}\n")
    clock = Clock(house.data / "moved")
    with running(house, MOVED) as started:
        yield started, clock


def test_a_limited_server_is_read_to_the_end_and_never_hurried(limited: tuple[Server, Clock], tmp_path: Path) -> None:
    """One or two requests per two minutes are rejected; after each of them, none is sent too early."""
    server, clock = limited
    read = source(server.house, "Limited", APPS)
    with (
        closing(read.casb),
        closing(Consumer(tmp_path / "consumer", server, read, clock=clock, sleep=clock.sleep)) as consumer,
    ):
        assert consumer.saas.authorize(consumer.integration, by="test").ok
        run = consumer.saas.run(consumer.integration, "hand")
        assert (run.outcome, run.counts["pages"], run.counts["apps"]) == ("completed", PAGES, 9_100)
        same(consumer, read)
    asked = seen(server)
    taken = [each for each in asked if each.status == 200]
    refused = [each for each in asked if each.status == 429]
    assert len(taken) == PAGES + 2  # the streams for the authorization, and for the run
    assert len(refused) == len(asked) - len(taken) == run.retries
    windows = len(taken) // AT_ONCE
    assert windows <= len(refused) <= 3 * windows
    assert all(one.wait >= 1 for one in refused)
    pairs = [(one, after) for one, after in itertools.pairwise(asked) if one.status == 429]
    assert [pair for pair in pairs if pair[1].asked < pair[0].answered + pair[0].wait * 1000] == []
    assert all(later.answered - first.asked >= WINDOW_MS for first, later in zip(taken, taken[AT_ONCE:], strict=False))
