"""The records of one resource: typed columns to filter by, and the finished wire document (design rule 4).

:mod:`opencasb.store.record_tables` defines the tables; this is the only repository that reads and writes them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.filters.clauses import clause
from opencasb.filters.tree import EVERYTHING
from opencasb.store import deletions, narrowing
from opencasb.store.database import Database, inline
from opencasb.store.record_changes import Change, changes
from opencasb.store.record_operands import cut
from opencasb.store.record_pages import Place, RecordPages
from opencasb.store.record_tables import RecordKind
from opencasb.store.record_writing import RecordWriting
from opencasb.store.sequences import lock

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opencasb.filters.tree import Node
    from opencasb.store.narrowing import Found

MOST_COUNTED: Final = 10_000
"""Where counting stops: an exact count of a wide filter takes seconds."""

DELETED_AT_ONCE: Final = MappingProxyType({"sqlite": 500, "postgresql": 5_000})
"""Records deleted per transaction when many are, by engine.

500 take 0.05 to 0.2 seconds of SQLite's only writer. On PostgreSQL only the tenant's own writers wait, and steps of
500 took twice as long in all.
"""


class Record(msgspec.Struct, frozen=True):
    """A record to store.

    ``record_id`` has at most 600 characters and no null character. ``columns`` holds every declared column; text of
    folded fields is in lower case. ``values`` holds those of many-valued fields, numbers as decimal digits.
    ``document`` is the wire record. ``arrived`` (ms) is the delivery time, which stands in for times that the record
    lacks.
    """

    record_id: str
    columns: Mapping[str, Any]  # column values of any type
    values: Mapping[str, Collection[str]]
    document: Mapping[str, Any]  # JSON
    arrived: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A record of a page: its id, its sort key and its JSON document."""

    record_id: str
    key: Any  # of the type of the sort column
    document: bytes


class Records:
    """The records of one resource, for all tenants."""

    def __init__(self, database: Database, kind: RecordKind) -> None:
        self.database = database
        self.kind = kind
        self._writer = RecordWriting(database, kind)
        # Built once: building a statement costs more than running it for one record.
        table = kind.table
        these = (table.c.tenant_id == sa.bindparam("tenant"), database.any_of(table.c.record_id, "ids"))
        self._documents_of = sa.select(table.c.record_id, table.c.document).where(*these)
        self._having = kind.having(
            sa.bindparam("tenant"), sa.bindparam("field"), lambda value: database.any_of(value, "held")
        ).add_columns(table.c.document)

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Open a transaction that several calls can join through ``connection``."""
        return self.database.write()

    def get(self, tenant_id: int, record_id: str) -> dict[str, Any] | None:  # JSON
        """Return the document of a record, or None."""
        return self.many(tenant_id, [record_id]).get(record_id)

    def many(
        self, tenant_id: int, record_ids: Collection[str], *, connection: sa.Connection | None = None
    ) -> dict[str, dict[str, Any]]:  # JSON
        """Return the documents of those records that exist, by id."""
        given = {"tenant": tenant_id, "ids": _possible(record_ids)}
        with self.database.lookup() if connection is None else nullcontext(connection) as reading:
            return _documents(reading.execute(self._documents_of, given))

    def having_any(
        self, connection: sa.Connection, tenant_id: int, field: str, values: Collection[str]
    ) -> dict[str, dict[str, Any]]:  # JSON
        """Return the documents, by id, of the records that have any of the given values in a many-valued field."""
        given = {"tenant": tenant_id, "field": field, "held": list(values)}
        return _documents(connection.execute(self._having, given))

    def search(
        self, connection: sa.Connection, tenant_id: int, where: Node = EVERYTHING, most: int = MOST_COUNTED
    ) -> Found:
        """Return what the indexes tell of the matching records, up to ``most``, for their page and their count."""
        return narrowing.search(connection, self.kind, tenant_id, cut(where, self.kind), max(most, narrowing.FEW))

    def page(  # noqa: PLR0913 -- all parameters of a list call, plus what it shares with its count
        self,
        tenant_id: int,
        where: Node = EVERYTHING,
        *,
        order: str,
        ascending: bool,
        skip: int = 0,
        limit: int = 100,
        after: tuple[Any, str] | None = None,
        connection: sa.Connection | None = None,
        found: Found | None = None,
    ) -> list[Row]:
        """Return a page ordered by ``order`` and then id; ``after`` is the sort key and id of the last record seen.

        ``found`` is the result of :meth:`search` for the same filter.
        """
        place = Place(order, ascending, skip, limit, after)
        with self._reading(connection) as reading:
            found = found or self.search(reading, tenant_id, where, narrowing.FEW)
            read = RecordPages(reading, self.kind, tenant_id).read(cut(where, self.kind), place, found)
            return [Row(each, key, text.encode()) for each, key, text in read]

    def count(
        self,
        tenant_id: int,
        where: Node = EVERYTHING,
        most: int = MOST_COUNTED,
        *,
        connection: sa.Connection | None = None,
        found: Found | None = None,
    ) -> tuple[int, bool]:
        """Return how many records match, capped at ``most``, and whether there are more.

        ``found`` is the result of :meth:`search` for the same filter and the same ``most``.
        """
        with self._reading(connection) as reading:
            found = found or self.search(reading, tenant_id, where, most)
            total = self._counted(reading, tenant_id, where, most, found) if found.total is None else found.total
        return min(total, most), total > most

    def _counted(self, connection: sa.Connection, tenant_id: int, where: Node, most: int, found: Found) -> int:
        table = self.kind.table
        condition = clause(cut(where, self.kind), self.kind.columns)
        matching = sa.select(sa.literal(1)).where(table.c.tenant_id == tenant_id, condition)
        narrowed = found.condition(connection, self.kind, most)
        matching = matching if narrowed is None else matching.where(narrowed)
        counted = sa.select(sa.func.count()).select_from(matching.limit(inline(most + 1)).subquery())
        return connection.execute(counted).scalar_one()

    def add(self, tenant_id: int, records: Sequence[Record], *, connection: sa.Connection | None = None) -> int:
        """Store the records with new ids, the first of any duplicates; returns how many were new."""
        return len(self.added(tenant_id, records, connection=connection))

    def added(
        self, tenant_id: int, records: Sequence[Record], *, connection: sa.Connection | None = None
    ) -> list[Record]:
        """Like :meth:`add`, but return the records that were new."""
        unique: dict[str, Record] = {}
        for record in records:
            unique.setdefault(record.record_id, record)
        with self._writing(connection) as writing:
            lock(writing, tenant_id, self.kind.name)
            known = self._writer.known(writing, tenant_id, unique)
            new = [record for record_id, record in unique.items() if record_id not in known]
            self._writer.insert(writing, tenant_id, new)
            return new

    def put(self, tenant_id: int, records: Sequence[Record], *, connection: sa.Connection | None = None) -> int:
        """Upsert records by id, the last of any duplicates winning. Returns how many were stored."""
        with self._writing(connection) as writing:
            lock(writing, tenant_id, self.kind.name)
            return self.replace(writing, tenant_id, records)

    def replace(self, connection: sa.Connection, tenant_id: int, records: Sequence[Record]) -> int:
        """Like :meth:`put`, in a transaction that has already locked the resource's sequence."""
        unique = {record.record_id: record for record in records}
        self._writer.replace(connection, tenant_id, unique)
        return len(unique)

    def delete(self, tenant_id: int, record_ids: Collection[str], *, connection: sa.Connection | None = None) -> int:
        """Delete records and write tombstones for the feed; returns how many existed."""
        with self._writing(connection) as writing:
            lock(writing, tenant_id, self.kind.name)
            known = self._writer.known(writing, tenant_id, _possible(record_ids))
            deletions.note(self.database, writing, tenant_id, self.kind.name, known)
            return self._writer.delete(writing, tenant_id, known)

    def since(self, tenant_id: int, seq: int, limit: int) -> list[Change]:
        """Return the records changed or deleted after change number ``seq`` (:func:`changes`)."""
        with self.database.read() as connection:
            return changes(connection, self.kind, tenant_id, seq, limit)

    def tell_expiry(self, tenant_id: int, before: int) -> bool:
        """Note for the feed that records from before ``before`` (ms) expire; returns whether there are any."""
        if self.kind.time is None:
            return False
        with self.database.write() as connection:
            found = connection.execute(self._older(tenant_id, before).limit(1)).first() is not None
            if found:
                deletions.note_expiry(self.database, connection, tenant_id, self.kind.name, before)
            return found

    def expire(self, tenant_id: int, before: int) -> int:
        """Delete the records from before ``before`` (ms), some per transaction; returns how many.

        Each transaction notes the expiry for the feed, because some of the records may have changed since the last
        note.
        """
        if self.kind.time is None:
            return 0
        old, gone = self._older(tenant_id, before).limit(self._step_size), 0
        while True:
            with self._step() as connection:
                found = {row.record_id: row.seq for row in connection.execute(old)}
                if found:
                    deletions.note_expiry(self.database, connection, tenant_id, self.kind.name, before)
                gone += self._writer.delete(connection, tenant_id, found, before=before)
            if len(found) < self._step_size:
                return gone

    def clear(self, tenant_id: int) -> None:
        """Delete all records of a tenant, without telling the feed, some per transaction."""
        last: int | None = 0
        while last is not None:
            with self._step() as connection:
                lock(connection, tenant_id, self.kind.name)
                last = self._writer.delete_next(connection, tenant_id, last, self._step_size)

    @property
    def _step_size(self) -> int:
        return DELETED_AT_ONCE[self.database.engine.dialect.name]

    @contextmanager
    def _step(self) -> Iterator[sa.Connection]:
        """Open one transaction of several; on SQLite others may write for as long afterwards.

        Its writers do not queue up, and one that starts again at once leaves those that wait behind.
        """
        with self.database.write() as connection:
            started = time.monotonic()
            yield connection
        if self.database.is_sqlite:
            time.sleep(time.monotonic() - started)

    def _older(self, tenant_id: int, before: int) -> sa.Select[str, int]:
        """Return the query for ids and numbers of the records from before a time (ms)."""
        table = self.kind.table
        time = table.c[str(self.kind.time)]
        return sa.select(table.c.record_id, table.c.seq).where(table.c.tenant_id == tenant_id, time < before)

    def _reading(self, connection: sa.Connection | None) -> AbstractContextManager[sa.Connection]:
        return self.database.read() if connection is None else nullcontext(connection)

    def _writing(self, connection: sa.Connection | None) -> AbstractContextManager[sa.Connection]:
        return self.database.write() if connection is None else nullcontext(connection)


def _documents(found: Iterable[sa.Row[str, str]]) -> dict[str, dict[str, Any]]:  # JSON
    return {record_id: msgspec.json.decode(text) for record_id, text in found}


def _possible(record_ids: Collection[str]) -> list[str]:
    """Return the ids that a record can have; PostgreSQL rejects null characters even in a query."""
    return [each for each in record_ids if "\0" not in each]
