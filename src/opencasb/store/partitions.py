"""Months of a table on PostgreSQL: each month of rows is a partition, which goes as a whole when it is too old.

SQLite has no partitions: there every function here does nothing. A row whose month has no partition lies in the default
partition, so no time, however absurd, is refused and none makes a table. Months are made ahead of their rows, by
:func:`prepare`; what lay in the default partition moves along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Concatenate, Final, ParamSpec

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from opencasb.model.durations import DAY
from opencasb.store.database import Database, metadata, unhurried
from opencasb.store.on_postgresql import on_postgresql

MONTHS_BACK: Final = 12
"""Months made ahead of their rows at most; what is older lies in one partition."""

LOCK_TIMEOUT_MS: Final = 500
"""How long the tables wait to be changed, and others wait behind. Less than PostgreSQL's ``deadlock_timeout``, so that
of two that wait for each other the change gives way, never a request."""

_BOUND: Final = re.compile(r"FROM \((?:MINVALUE|'?(-?\d+)'?)\) TO \('?(-?\d+)'?\)")
_TIME: Final = "opencasb_month_of"
_NOT_NOW: Final = frozenset({"55P03", "53100", "25006"})
"""States of PostgreSQL that pass: a lock is not to be had, the disk is full, nothing may be written."""
P = ParamSpec("P")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The times from ``start`` (None: as early as can be) to before ``end``, ms."""

    start: int | None
    end: int

    def meets(self, other: Span) -> bool:
        """Return whether there is a time in both."""
        return (self.start is None or self.start < other.end) and (other.start is None or other.start < self.end)


def part_by_month(table: sa.Table, time: str) -> None:
    """Have ``table`` made in parts on PostgreSQL, by the column ``time`` (ms).

    PostgreSQL wants that column in the primary key; that the others are unique is up to who writes.
    """
    table.info[_TIME] = time
    on_postgresql(table, table, partition_by=f"RANGE ({time})")
    table.primary_key.ddl_if(dialect="sqlite")
    key = [column.name for column in table.primary_key.columns]
    names = ", ".join(key if time in key else [*key, time])
    for statement in (
        f"ALTER TABLE {table.name} ADD CONSTRAINT pk_{table.name} PRIMARY KEY ({names})",
        f"CREATE TABLE {table.name}_default PARTITION OF {table.name} DEFAULT",
    ):
        made = sa.DDL(statement)  # type: ignore[no-untyped-call]
        sa.event.listen(table, "after_create", made.execute_if(dialect="postgresql"))


def prepare(database: Database, now: int, days: int) -> list[str]:
    """Make the months of rows that are kept ``days`` (0: for ever) and the next one; returns what was made.

    A table that is in use too long stays as it is until the next time, and keeps its rows in the default partition.
    """
    made: list[str] = []
    for table in () if database.is_sqlite else parted():
        with database.read() as connection:
            there = [span for _, span in spans(connection, table)]
        for span in _missing(there, now, days):
            made += _yielding(database, _add, table, span)
    return made


def drop(database: Database, before: int) -> list[str]:
    """Drop the partitions that have only rows before ``before`` (ms), of every tenant; returns what was dropped."""
    if database.is_sqlite:
        return []
    with database.read() as connection:
        old = [(name, span) for table in parted() for name, span in spans(connection, table) if span.end <= before]
    return [dropped for name, _ in old for dropped in _yielding(database, _drop, name)]


def parted() -> list[sa.Table]:
    """Return the tables that have months, records before their values."""
    return sorted((table for table in metadata.tables.values() if _TIME in table.info), key=lambda table: table.name)


def spans(connection: sa.Connection, table: sa.Table) -> list[tuple[str, Span]]:
    """Return the partitions but the default one, with their times, the oldest first."""
    query = sa.text(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = to_regclass(:name)"
    )
    found = ((name, _BOUND.search(bound)) for name, bound in connection.execute(query, {"name": table.name}))
    bounds = [(name, Span(int(match[1]) if match[1] else None, int(match[2]))) for name, match in found if match]
    return sorted(bounds, key=lambda each: each[1].end)


def month_of(time: int) -> Span:
    """Return the month (UTC) that ``time`` is in."""
    first = datetime.fromtimestamp(time / 1000, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return Span(*(int(each.timestamp()) * 1000 for each in (first, following)))


def _missing(there: Sequence[Span], now: int, days: int) -> Iterator[Span]:
    """Yield the spans that a table should have and has not."""
    last = month_of(month_of(now).end)
    oldest = month_of(now - (min(days, 31 * MONTHS_BACK) or 31 * MONTHS_BACK) * DAY)
    months = [oldest]
    while months[-1].end < last.end:
        months.append(month_of(months[-1].end))
    yield from (month for month in months if not any(month.meets(each) for each in there))
    starts = [each.start for each in (oldest, *there)]
    if (days == 0 or days > 31 * MONTHS_BACK) and None not in starts:
        yield Span(None, min(start for start in starts if start is not None))


def _add(connection: sa.Connection, table: sa.Table, span: Span) -> list[str]:
    """Make a partition of rows in ``span``; those of the default partition move there."""
    whole, rest, time = table.name, f"{table.name}_default", table.info[_TIME]
    connection.execute(sa.text(f"LOCK TABLE ONLY {whole} IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(sa.text(f"LOCK TABLE ONLY {rest} IN ACCESS EXCLUSIVE MODE"))
    if any(span.meets(each) for _, each in spans(connection, table)):
        return []
    name, start, inside = f"{whole}_before", "MINVALUE", f"{time} < {span.end}"
    if span.start is not None:
        name = f"{whole}_{datetime.fromtimestamp(span.start / 1000, UTC):%Y_%m}"
        start, inside = f"{span.start}", f"{time} >= {span.start} AND {inside}"
    for statement in (
        f"CREATE TABLE {name} (LIKE {whole} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"INSERT INTO {name} SELECT * FROM {rest} WHERE {inside}",  # noqa: S608 -- names and numbers of our own
        f"DELETE FROM {rest} WHERE {inside}",  # noqa: S608
        f"ALTER TABLE {whole} ATTACH PARTITION {name} FOR VALUES FROM ({start}) TO ({span.end})",
    ):
        connection.execute(sa.text(statement))
    return [name]


def _drop(connection: sa.Connection, name: str) -> list[str]:
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {name}"))
    return [name]


def _yielding(
    database: Database, change: Callable[Concatenate[sa.Connection, P], list[str]], *given: P.args, **named: P.kwargs
) -> list[str]:
    """Return what ``change`` changed in a transaction of its own; nothing if that cannot be now."""
    try:
        with database.write() as connection:
            unhurried(connection)
            connection.execute(sa.text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
            return change(connection, *given, **named)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _NOT_NOW:
            raise
        return []
