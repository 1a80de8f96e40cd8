"""Processes that store activities in small batches, and a concurrent reader of the feed: to be killed at any moment."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import sqlalchemy as sa

from tests.activities.example import wire
from tests.conftest import NOW
from tests.server import House, Server

BATCH = 30
"""Records per transaction: few, so that kills hit transactions, the gaps between them, and the work before them."""

DELIVERY = 4 * BATCH
PEOPLE, FILES = 7, 11
MINUTE_MS, DAY_MS = 60_000, 86_400_000

SMALL_BATCHES = (
    f"from opencasb.activities import ingest; ingest.BATCH = {BATCH}; from opencasb.program import main; main()"
)
"""The program with small batches."""

TOLD_BATCHES = f"""
import sys
from opencasb.activities import ingest

cut = ingest.batches

def told(lines):
    print("storing", file=sys.stderr, flush=True)
    yield from cut(lines)

ingest.BATCH, ingest.batches = {BATCH}, told
from opencasb.program import main
main()
"""
"""The same program, which also reports when it begins to store."""


def delivery(number: int) -> list[dict[str, Any]]:  # JSON
    """Return the records of a delivery: sign-ins of some people, each with a file."""
    return [_activity(number * DELIVERY + each) for each in range(DELIVERY)]


def _activity(number: int) -> dict[str, Any]:  # JSON
    record = wire(number, timestamp=NOW - 60 * DAY_MS + number * MINUTE_MS)  # last seen changes once a minute
    name = f"person{number % PEOPLE}@example.org"
    record["user"]["userName"] = name
    record["entityData"]["0"]["id"]["id"] = name
    record["resolvedActor"]["id"] = name
    record["mainInfo"]["eventObjects"][0]["id"] = name
    record["mainInfo"]["eventObjects"][1]["id"] = f"site|F{number % FILES}"
    return record


def lines(number: int) -> bytes:
    """Return a delivery as sent."""
    return "".join(f"{json.dumps(record)}\n" for record in delivery(number)).encode()


def ids(number: int) -> set[str]:
    """Return the ids of a delivery's records."""
    return {record["_id"] for record in delivery(number)}


def post(server: Server, number: int) -> bool:
    """Deliver over HTTP; returns whether the server acknowledged all of it before it was killed."""
    try:
        answer = httpx.post(
            f"{server.plain}/api/v1/ingest/activities/", content=lines(number), headers=token(server), timeout=60
        )
    except httpx.TransportError:
        return False
    report = answer.raise_for_status().json()
    return bool(report["accepted"] + report["repeated"] == DELIVERY)


def command(house: House, number: int) -> subprocess.Popen[str]:
    """Start a delivery on the command line, which prints ``storing`` to stderr with its first batch."""
    file = house.data / "activities.jsonl"
    file.write_bytes(lines(number))
    words = ["ingest", "activities", str(file), "--data", str(house.data), "--json"]
    return subprocess.Popen(
        [sys.executable, "-c", TOLD_BATCHES, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


class Reader:
    """A reader of the feed that keeps its cursor across server restarts."""

    def __init__(self) -> None:
        self.cursor = ""
        self.read_ids: list[str] = []
        self.breaks: list[tuple[int, int]] = []
        """Gaps in the change numbers: the expected number, and the actual one."""

    def catch_up(self, server: Server) -> None:
        """Read until nothing is left. Raises ``httpx.TransportError`` when the server is gone."""
        with httpx.Client(base_url=server.plain, headers=token(server), timeout=60) as client:
            while self._page(client, 0):
                pass

    @contextmanager
    def following(self, server: Server) -> Iterator[None]:
        """Read continuously in a thread until the block or the server ends."""
        over = threading.Event()

        def follow() -> None:
            with httpx.Client(base_url=server.plain, headers=token(server), timeout=60) as client:
                try:
                    while not over.is_set():
                        self._page(client, 1)
                except httpx.TransportError:
                    return

        thread = threading.Thread(target=follow)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _page(self, client: httpx.Client, wait: int) -> int:
        where = {"cursor": self.cursor} if self.cursor else {}
        answer = client.get("/feed/v1/activities", params={"limit": 50, "wait": wait, **where}).raise_for_status()
        *changes, last = [json.loads(line) for line in answer.text.splitlines()]
        for change in changes:
            expected = len(self.read_ids) + 1
            if change["sequence"] != expected:
                self.breaks.append((expected, change["sequence"]))
            self.read_ids.append(change["record"]["_id"])
        self.cursor = last["cursor"]
        return len(changes)


def token(server: Server) -> dict[str, str]:
    """Return the header with the administrator's token."""
    return {"Authorization": f"Token {server.house.token}"}


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """Create a separate database on the PostgreSQL server of ``url``, and yield its URL."""
    name = f"kills_{uuid.uuid4().hex}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    made = sa.make_url(url).set(database=name)
    inside = sa.create_engine(made, isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        connection.execute(sa.text("create extension if not exists pg_trgm"))
    inside.dispose()
    try:
        yield made.render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sa.text(f"drop database {name} with (force)"))
        server.dispose()
