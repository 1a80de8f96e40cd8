"""A store with many activities, filled once by the store's own code and kept for later runs."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bench import material
from bench.measure import environment

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.store.records import Record

CHUNK: Final = 5_000
"""Activities per transaction when filling."""

BASE: Final = 50_000
"""Activities that are generated; the others are copies with other times and ids."""

INGESTED: Final = 20_000
"""How many of the last activities go through the whole ingest, so that their users and files are known."""

DAYS: Final = 180
BYTES_EACH: Final = 8_500
"""Approximate disk space per activity, with indexes."""

PROGRAM: Final = (sys.executable, "-c", "from opencasb.program import main; main()")


class NoSpace(Exception):
    """The disk is too small for the store."""


class State(msgspec.Struct, kw_only=True):
    """The state of a filled store: its API token and the filling progress.

    ``end`` (ms) is after every activity; the day after it is for those that measurements add and remove. ``size`` is
    the database size in bytes after filling.
    """

    end: int
    token: str
    chunks: int = 0
    seconds: float = 0
    size: int = 0
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """An installation: its data directory and the URL of its database, empty for SQLite in that directory."""

    data: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Environment for running the program on this installation: no rate limit, no retention."""
        given = {"DATA": str(self.data), "DATABASE_URL": self.url, "REQUESTS_PER_MINUTE": "0"}
        given["RECORD_RETENTION_DAYS"] = "0"
        return {**environment(), **{f"OPENCASB_{name}": value for name, value in given.items()}}

    @contextmanager
    def opened(self) -> Iterator[tuple[Casb, int]]:
        """Open the installation; yields it with its tenant."""
        from opencasb.app import Casb
        from opencasb.settings import Settings

        casb = Casb.open(Settings(data=self.data, database_url=self.url, record_retention_days=0))
        try:
            yield casb, casb.tenants.all()[0].tenant_id
        finally:
            casb.close()

    def state(self) -> State | None:
        """Return the state of the store, None before it is prepared."""
        kept = self.data / "bench.json"
        return msgspec.json.decode(kept.read_bytes(), type=State) if kept.exists() else None

    def keep(self, state: State) -> None:
        """Save the filling progress."""
        part = self.data / "bench.part"
        part.write_bytes(msgspec.json.encode(state))
        part.rename(self.data / "bench.json")

    def prepare(self) -> State:
        """Create a tenant with an administrator's token and IP ranges, in an empty directory and database."""
        from opencasb.store.ip_range_documents import RangeRule

        command = [*PROGRAM, "init", "--data", str(self.data), "--json"]
        made = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, check=True).stdout
        with self.opened() as (casb, tenant_id):
            for rule in material.RANGES:
                casb.ip_ranges.create(tenant_id, RangeRule(**rule), by="bench")
        today = int(time.time() * 1000) // material.DAY * material.DAY
        state = State(end=today - material.DAY, token=msgspec.json.decode(made)["token"])
        self.keep(state)
        return state

    def engine(self) -> str:
        """Return the engine's name and version."""
        import sqlalchemy as sa

        with self.opened() as (casb, _), casb.database.read() as connection:
            if casb.database.is_sqlite:
                return f"SQLite {connection.scalar(sa.text('SELECT sqlite_version()'))}"
            return f"PostgreSQL {connection.scalar(sa.text('SHOW server_version'))}".partition(" (")[0]

    def size(self) -> int:
        """Return the database size in bytes."""
        with self.opened() as (casb, _):
            if casb.database.is_sqlite:
                return sum(path.stat().st_size for path in self.data.glob("opencasb.sqlite3*"))
            with casb.database.read() as connection:
                found = connection.exec_driver_sql("SELECT pg_database_size(current_database())")
                return int(found.scalar_one())


def fill(store: Store, rows: int) -> State:
    """Fill a store with ``rows`` activities over the last 180 days, resuming where an earlier call stopped.

    Raises :class:`NoSpace`.
    """
    state = store.state() or store.prepare()
    if state.complete:
        return state
    _check_space(store, rows - state.chunks * CHUNK)
    last = min(INGESTED, rows // 10)
    sizes = [CHUNK] * ((rows - last) // CHUNK) + [(rows - last) % CHUNK]
    bounds = list(itertools.accumulate(sizes, initial=0))
    started, before = time.monotonic(), state.seconds
    work = [(number, bounds[number], sizes[number]) for number in range(state.chunks, len(sizes))]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), _begin, (store, state.end, rows)) as pool:
        for done, _ in enumerate(pool.map(_add, *zip(*work, strict=True)) if work else (), 1):
            state.chunks += 1
            state.seconds = before + time.monotonic() - started
            store.keep(state)
            _tell(bounds[state.chunks], rows, done * CHUNK / (time.monotonic() - started))
    _ingest_last(store, state, rows, last)
    _settle(store)
    state.seconds, state.size, state.complete = before + time.monotonic() - started, store.size(), True
    store.keep(state)
    return state


def begin_of(state: State) -> int:
    """Return the time of the first activity (ms)."""
    return state.end - DAYS * material.DAY


def _check_space(store: Store, rows: int) -> None:
    free, needed = shutil.disk_usage(store.data).free, rows * BYTES_EACH
    if free < needed:
        raise NoSpace(f"{store.data}: {needed / 1e9:.0f} GB are needed, {free / 1e9:.0f} GB are free")


def _ingest_last(store: Store, state: State, rows: int, count: int) -> None:
    start = begin_of(state) + DAYS * material.DAY * (rows - count) // rows
    with store.opened() as (casb, tenant_id):
        lines = map(msgspec.json.encode, material.activities(rows, count, start, state.end))
        report = casb.ingest.activities(tenant_id, lines)
    assert report.rejected == 0, report.errors
    _say(f"filled {rows:,}, the last {count:,} through the whole ingest")


def _settle(store: Store) -> None:
    """Make PostgreSQL do now what autovacuum would do some minutes later."""
    import sqlalchemy as sa

    with store.opened() as (casb, _):
        if not casb.database.is_sqlite:
            with casb.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM (ANALYZE)"))


_worker: dict[str, Any] = {}  # state of each worker process


def _begin(store: Store, end: int, rows: int) -> None:
    from opencasb.activities import readers
    from opencasb.activities.ip_ranges import RangeIndexes
    from opencasb.activities.places import Places

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process ends the work
    casb, tenant_id = store.opened().__enter__()  # until the process ends
    convert = readers.activities(RangeIndexes(casb.ip_ranges).of, Places(None).find)(tenant_id, end, ())
    begin = end - DAYS * material.DAY
    base = [convert(each) for each in material.activities(1, min(BASE, rows), begin, end, in_a_row=1)]
    _worker.update(casb=casb, tenant_id=tenant_id, base=base, begin=begin, step=(end - begin) / rows)


def _add(number: int, first: int, count: int) -> int:
    """Store a chunk of the base activities at other times; repeating it changes nothing."""
    choose = Random(number)
    base, tenant_id = _worker["base"], _worker["tenant_id"]
    records = []
    for at in range(first, first + count):
        time_ms = int(_worker["begin"] + at * _worker["step"])
        records.append(_at(choose.choice(base), time_ms, f"{tenant_id}_{time_ms}_{at:032x}"))
    added: int = _worker["casb"].activities.add(tenant_id, records)
    return added


def _at(record: Record, time_ms: int, record_id: str) -> Record:
    """Return the activity at another time, stored a minute later."""
    created = time_ms + 60_000
    document = {**record.document, "_id": record_id, "uid": record_id, "timestamp": time_ms, "timestampRaw": time_ms}
    document |= {"created": created, "createdRaw": created, "instantiation": created, "instantiationRaw": created}
    columns = {**record.columns, "timestamp": time_ms, "created": created}
    return msgspec.structs.replace(record, record_id=record_id, columns=columns, document=document)


def _tell(done: int, rows: int, rate: float) -> None:
    _say(f"filled {done:,} of {rows:,}, {rate:,.0f}/s, {(rows - done) / rate / 60:.0f} min left")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
