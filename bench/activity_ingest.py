"""Ingest speed of activities: the whole ingest, and its limit, bare inserts of the finished rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from bench import material
from bench.filled import Store
from bench.samples import Samples
from bench.serving import SENDERS, Load

if TYPE_CHECKING:
    from opencasb.app import Casb

BATCH: Final = 1_000
"""Records per transaction of the ingest, and likewise of the bare inserts."""

DatabaseCpu = Callable[[], float]
"""Returns the CPU seconds used by a database server so far; 0 for an in-process engine."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The cost of storing: wall seconds, and CPU seconds of this process and of the database server.

    ``is_bare`` marks the limit rather than the product.
    """

    who: str
    count: int
    seconds: float
    own_cpu: float
    database_cpu: float
    is_bare: bool = False

    @property
    def per_second(self) -> float:
        """Activities per wall second."""
        return self.count / self.seconds

    @property
    def per_core_second(self) -> float:
        """Activities per CPU second."""
        return self.count / (self.own_cpu + self.database_cpu)


def into_empty(store: Store, count: int, database_cpu: DatabaseCpu) -> list[Taken]:
    """Measure the ingest into an empty store, and bare inserts of the resulting rows."""
    state = store.prepare()
    with store.opened() as (casb, tenant_id):
        taken = _ingest(casb, tenant_id, state.end, count, "ingest, empty store", database_cpu)
        rows = _finished(casb)
        _remove(casb, tenant_id, state.end)
        name = "bare executemany of the finished rows" if casb.database.is_sqlite else "bare COPY of the finished rows"
        with _stopwatch(name, len(rows), database_cpu) as stopped:
            _write(casb, rows)
        return [taken, replace(stopped[0], is_bare=True)]


def on_top(store: Store, end: int, count: int, database_cpu: DatabaseCpu) -> Taken:
    """Measure the ingest into a filled store whose activities end at ``end`` (ms)."""
    with store.opened() as (casb, tenant_id):
        return _ingest(casb, tenant_id, end, count, "ingest, on top of the filled store", database_cpu)


def one_by_one(store: Store, end: int, count: int) -> list[Load]:
    """Measure ``count`` activities stored one a call, by as many threads as the benchmark over HTTP has clients."""
    with store.opened() as (casb, tenant_id):
        made = material.activities(5, (1 + len(SENDERS)) * count, end, end + material.DAY)
        lines = [msgspec.json.encode(each) for each in made]
        casb.ingest.activities(tenant_id, lines[-count:])  # makes the program load what it needs
        return [_calls(casb, tenant_id, lines[at * count :][:count], threads) for at, threads in enumerate(SENDERS)]


def _calls(casb: Casb, tenant_id: int, lines: Sequence[bytes], threads: int) -> Load:
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        seconds = list(pool.map(partial(_call, casb, tenant_id), lines))
    return Load(Samples.of(seconds), len(lines) / (time.perf_counter() - started), threads)


def _call(casb: Casb, tenant_id: int, line: bytes) -> float:
    """Return the seconds that it takes until an activity is durable."""
    started = time.perf_counter()
    report = casb.ingest.activities(tenant_id, [line])
    assert report.accepted == 1, report
    return time.perf_counter() - started


def clean(store: Store, end: int) -> None:
    """Delete what the measurement added: the activities from ``end`` (ms) on."""
    with store.opened() as (casb, tenant_id):
        _remove(casb, tenant_id, end)


def _ingest(casb: Casb, tenant_id: int, end: int, count: int, who: str, database_cpu: DatabaseCpu) -> Taken:
    """Ingest a thousand activities unmeasured (imports, catalog), then measure ``count``."""
    from opencasb.memory import collect_seldom

    collect_seldom()  # as the program does
    made = material.activities(7, count + BATCH, end, end + material.DAY)
    lines = [msgspec.json.encode(each) for each in made]
    casb.ingest.activities(tenant_id, lines[:BATCH])
    with _stopwatch(who, count, database_cpu) as stopped:
        report = casb.ingest.activities(tenant_id, lines[BATCH:])
    assert report.accepted == count, report
    return stopped[0]


def _remove(casb: Casb, tenant_id: int, since: int) -> None:
    from opencasb.filters.fields import ACTIVITIES
    from opencasb.filters.parse import parse

    where = parse({"date": {"gte": since}}, ACTIVITIES, casb.clock())
    while rows := casb.activities.page(tenant_id, where, order="timestamp", ascending=False, limit=BATCH):
        casb.activities.delete(tenant_id, [row.record_id for row in rows])


@contextmanager
def _stopwatch(who: str, count: int, database_cpu: DatabaseCpu) -> Iterator[list[Taken]]:
    """Measure the block; the result is appended to the list when it ends."""
    stopped: list[Taken] = []
    started, own, database = time.perf_counter(), time.process_time(), database_cpu()
    yield stopped
    seconds, own, database = time.perf_counter() - started, time.process_time() - own, database_cpu() - database
    stopped.append(Taken(who, count, seconds, own, database))


_Row = tuple[Any, ...]  # column values of any type
_Rows = Sequence[_Row]


def _finished(casb: Casb) -> list[tuple[_Row, _Rows]]:
    """Return the row of each record with its rows in the values table."""
    table, values = casb.activities.kind.table, casb.activities.kind.values
    with casb.database.read() as connection:
        records = connection.execute(sa.select(*table.c).order_by(table.c.seq)).all()
        rows = connection.execute(sa.select(*values.c).order_by(values.c.seq)).all()
    of = {seq: [tuple(row) for row in each] for seq, each in groupby(rows, lambda row: row.seq)}
    return [(tuple(record), of.get(record.seq, [])) for record in records]


def _write(casb: Casb, rows: Sequence[tuple[_Row, _Rows]]) -> None:
    """Insert rows as a minimal script would, one durable transaction per thousand."""
    kind, insert = casb.activities.kind, _executemany if casb.database.is_sqlite else _copy
    connection: Any = casb.database.engine.raw_connection()
    for at in range(0, len(rows), BATCH):
        batch = rows[at : at + BATCH]
        cursor = connection.cursor()
        if casb.database.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        insert(cursor, kind.table, [record for record, _ in batch])
        insert(cursor, kind.values, [value for _, values in batch for value in values])
        connection.commit()
    connection.close()


def _executemany(cursor: Any, table: sa.Table, rows: _Rows) -> None:  # a cursor of the driver
    places = ", ".join("?" * len(table.c))
    cursor.executemany(f"INSERT INTO {table.name} ({_names(table)}) VALUES ({places})", rows)  # noqa: S608 -- our names


def _copy(cursor: Any, table: sa.Table, rows: _Rows) -> None:  # a cursor of the driver
    with cursor.copy(f"COPY {table.name} ({_names(table)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _names(table: sa.Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.c)
