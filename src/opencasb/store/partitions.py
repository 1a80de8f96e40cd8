"""Monthly partitions of a table on PostgreSQL; an expired month is dropped as a whole.

SQLite has no partitions: there every function here does nothing. A row whose month has no partition goes to the default
partition, so that no time, however absurd, is rejected or creates a table. :func:`prepare` creates months ahead of
their rows and moves along what lay in the default partition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Concatenate, Final, ParamSpec

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from opencasb.model.durations import DAY
from opencasb.store.database import Database, metadata, unhurried
from opencasb.store.on_postgresql import on_postgresql

MONTHS_BACK: Final = 12
"""Most past months that get partitions of their own; older rows share one partition."""

LOCK_TIMEOUT_MS: Final = 500
"""How long a schema change waits for its lock, with others queued behind it.

Less than PostgreSQL's ``deadlock_timeout``, so that in a deadlock the schema change gives way, never a request.
"""

_BOUND: Final = re.compile(r"FROM \((?:MINVALUE|'?(-?\d+)'?)\) TO \('?(-?\d+)'?\)")
_TIME: Final = "opencasb_month_of"
_NOT_NOW: Final = frozenset({"55P03", "53100", "25006"})
"""Transient SQLSTATEs: lock not available, disk full, read-only transaction."""
P = ParamSpec("P")


class Span(msgspec.Struct, frozen=True, order=True):
    """The times from ``start`` (None: unbounded) to just before ``end``, ms."""

    start: int | None
    end: int

    def meets(self, other: Span) -> bool:
        """Return whether the spans overlap."""
        return (self.start is None or self.start < other.end) and (other.start is None or other.start < self.end)


def part_by_month(table: sa.Table, time: str) -> None:
    """Partition ``table`` on PostgreSQL by the column ``time`` (ms).

    PostgreSQL requires that column in the primary key; writers have to keep the other key columns unique.
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
    """Create the partitions for rows kept ``days`` (0: indefinitely) and for the next month; returns those created.

    A table that stays locked too long is left until the next time, and keeps its rows in the default partition.
    """
    made: list[str] = []
    for table in () if database.is_sqlite else parted():
        with database.read() as connection:
            there = [span for _, span in spans(connection, table)]
        for span in _missing(there, now, days):
            made += _yielding(database, _add, table, span)
    return made


def drop(database: Database, before: int) -> list[str]:
    """Drop the partitions with only rows from before ``before`` (ms), for all tenants; returns those dropped."""
    if database.is_sqlite:
        return []
    with database.read() as connection:
        old = [(name, span) for table in parted() for name, span in spans(connection, table) if span.end <= before]
    return [dropped for name, _ in old for dropped in _yielding(database, _drop, name)]


def parted() -> list[sa.Table]:
    """Return the partitioned tables, records before their values."""
    return sorted((table for table in metadata.tables.values() if _TIME in table.info), key=lambda table: table.name)


def spans(connection: sa.Connection, table: sa.Table) -> list[tuple[str, Span]]:
    """Return the partitions, except the default one, with their times, oldest first."""
    query = sa.text(
        "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = to_regclass(:name)"
    )
    found = ((name, _BOUND.search(bound)) for name, bound in connection.execute(query, {"name": table.name}))
    bounds = [(name, Span(int(match[1]) if match[1] else None, int(match[2]))) for name, match in found if match]
    return sorted(bounds, key=lambda each: each[1].end)


def month_of(time: int) -> Span:
    """Return the month (UTC) that contains ``time``."""
    first = datetime.fromtimestamp(time / 1000, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return Span(*(int(each.timestamp()) * 1000 for each in (first, following)))


def _missing(there: Sequence[Span], now: int, days: int) -> Iterator[Span]:
    """Yield the spans that a table should have but lacks."""
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
    """Create the partition for ``span`` and move its rows there from the default partition."""
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
    """Run ``change`` in its own transaction and return what it changed; nothing if it is not possible now."""
    try:
        with database.write() as connection:
            unhurried(connection)
            connection.execute(sa.text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
            return change(connection, *given, **named)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _NOT_NOW:
            raise
        return []
