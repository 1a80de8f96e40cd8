"""Inserts, replaces and deletes the rows of records, in transactions that have locked their sequence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from opencasb.store import in_place, statistics
from opencasb.store.record_tables import LONGEST_VALUE
from opencasb.store.sequences import take

if TYPE_CHECKING:
    from opencasb.store.database import Database
    from opencasb.store.record_tables import RecordKind
    from opencasb.store.records import Record

_ValueRow = tuple[int, str, str, int, int]
"""A row of the values table: tenant, field, value, time and record number."""


class RecordWriting:
    """Writes the tables of one resource; truncates texts to the index limit and drops null characters."""

    def __init__(self, database: Database, kind: RecordKind) -> None:
        self._database = database
        self._kind = kind
        declared = list(kind.table.c)[list(kind.table.c).index(kind.changed) + 1 : -1]  # between keys and document
        self._longest = {column.name: column.info.get("longest", LONGEST_VALUE) for column in declared}
        # Built once: building a statement costs more than running it for one record.
        table, values = kind.table, kind.values
        these = (table.c.tenant_id == sa.bindparam("tenant"), database.any_of(table.c.record_id, "ids"))
        self._rows_of = sa.select(*list(table.c)[:-1]).where(*these)
        self._numbers_of = sa.select(table.c.record_id, table.c.seq).where(*these)
        self._delete_rows = sa.delete(table).where(*these)
        self._take_rows = self._delete_rows.returning(table.c.record_id, table.c.seq)
        theirs = (values.c.tenant_id == sa.bindparam("tenant"), database.any_of(values.c.seq, "numbers"))
        self._values_of = sa.select(*values.c).where(*theirs)
        self._delete_values = sa.delete(values).where(*theirs)
        self._delete_value = sa.delete(values).where(*(column == sa.bindparam(column.name) for column in values.c))

    def known(self, connection: sa.Connection, tenant_id: int, record_ids: Collection[str]) -> dict[str, int]:
        """Return the numbers of the records that exist, by id."""
        found = connection.execute(self._numbers_of, {"tenant": tenant_id, "ids": list(record_ids)})
        return dict(found.all())

    def insert(
        self,
        connection: sa.Connection,
        tenant_id: int,
        records: Sequence[Record],
        known: Mapping[str, int] | None = None,
        before: Mapping[str, sa.Row[Any]] | None = None,
    ) -> None:
        """Insert rows; those that are ``known`` keep their numbers, and their values still exist.

        Those in ``before`` exist whole and are updated (:mod:`.in_place`).
        """
        if not records:
            return
        kind = self._kind
        first = take(connection, tenant_id, kind.name, len(records))
        rows: list[tuple[Any, ...]] = []
        values: list[_ValueRow] = []
        for change, record in enumerate(records, first):
            seq = known.get(record.record_id, change) if known else change
            rows.append(self._row(tenant_id, (seq,) if kind.text else (seq, change), record))
            values += self._values(tenant_id, seq, record)
        if known:
            values = self._changed_values(connection, tenant_id, known.values(), values)
        if before:
            rows = in_place.updated(connection, kind.table, rows, before)
        self._database.insert(connection, kind.table, rows)
        self._database.insert(connection, kind.values, values)
        statistics.gather(connection, (kind.table, kind.values), first, len(records))
        if kind.text:
            kind.text.catch_up(connection, tenant_id, first + len(records) - 1)

    def replace(self, connection: sa.Connection, tenant_id: int, records: Mapping[str, Record]) -> None:
        """Insert records, given by id, in place of existing ones."""
        known: dict[str, int] = {}
        before: dict[str, sa.Row[Any]] = {}
        these = {"tenant": tenant_id, "ids": list(records)}
        if self._kind.text:
            self.delete(connection, tenant_id, self.known(connection, tenant_id, records))
        elif self._database.is_sqlite:
            before = {row.record_id: row for row in connection.execute(self._rows_of, these)}
            known = {record_id: row.seq for record_id, row in before.items()}
        else:
            known = dict(connection.execute(self._take_rows, these).all())
        self.insert(connection, tenant_id, list(records.values()), known, before)

    def delete(
        self, connection: sa.Connection, tenant_id: int, known: Mapping[str, int], *, before: int | None = None
    ) -> int:
        """Delete records, given by id and number; returns how many existed.

        Given a time ``before`` (ms) that all of them precede, only earlier months are searched.
        """
        if not known:
            return 0
        kind = self._kind
        if kind.text:
            kind.text.forget(connection, tenant_id, kind.table.c.record_id.in_(list(known)))
        rows, values = self._delete_rows, self._delete_values
        if before is not None and kind.time:
            rows = rows.where(kind.table.c[kind.time] < before)
            values = values.where(kind.values.c.at < before)
        connection.execute(values, {"tenant": tenant_id, "numbers": list(known.values())})
        return connection.execute(rows, {"tenant": tenant_id, "ids": list(known)}).rowcount

    def delete_next(self, connection: sa.Connection, tenant_id: int, after: int, most: int) -> int | None:
        """Delete the ``most`` records with the lowest numbers above ``after``; returns the last number, or None."""
        table, values = self._kind.table, self._kind.values
        above = (table.c.tenant_id == tenant_id, table.c.seq > after)
        some = sa.select(table.c.seq).where(*above).order_by(table.c.seq).limit(most).subquery()
        last: int | None = connection.scalar(sa.select(sa.func.max(some.c.seq)))
        if last is None:
            return None
        if self._kind.text:
            self._kind.text.forget(connection, tenant_id, table.c.seq.between(after + 1, last))
        for each in (values, table):
            gone = (each.c.tenant_id == tenant_id, each.c.seq.between(after + 1, last))
            connection.execute(sa.delete(each).where(*gone))
        return last

    def _row(self, tenant_id: int, numbers: tuple[int, ...], record: Record) -> tuple[Any, ...]:  # of any type
        """Return the row of a record with its ``numbers``, in table column order.

        Raises ``ValueError`` unless the record's columns are exactly the declared ones.
        """
        if record.columns.keys() != self._longest.keys():
            wrong = ", ".join(sorted(record.columns.keys() ^ self._longest.keys()))
            raise ValueError(f"{self._kind.name}: a record needs just the columns that are declared; look at {wrong}")
        given = record.columns
        columns = [
            value.replace("\0", "")[:longest]
            if type(value := given[name]) is str and (len(value) > longest or "\0" in value)
            else value
            for name, longest in self._longest.items()
        ]
        return (tenant_id, record.record_id, *numbers, *columns, msgspec.json.encode(record.document).decode())

    def _values(self, tenant_id: int, seq: int, record: Record) -> list[_ValueRow]:
        """Return the rows of a record's many-valued fields, each value once."""
        at = record.columns[self._kind.time] if self._kind.time else 0
        return [
            (tenant_id, field, value, at, seq)
            for field, given in record.values.items()
            if given
            for value in _distinct(given)
        ]

    def _changed_values(
        self, connection: sa.Connection, tenant_id: int, numbers: Collection[int], values: Iterable[_ValueRow]
    ) -> list[_ValueRow]:
        """Delete the records' values that are not in ``values``; returns those of ``values`` that are missing."""
        found = connection.execute(self._values_of, {"tenant": tenant_id, "numbers": list(numbers)})
        before, after = {tuple(each) for each in found}, dict.fromkeys(values)
        if gone := before - after.keys():
            names = self._kind.values.c.keys()
            connection.execute(self._delete_value, [dict(zip(names, each, strict=True)) for each in gone])
        return [each for each in after if each not in before]


def _distinct(values: Collection[str]) -> Collection[str]:
    """Return the values as stored, without duplicates; most come alone and need no change."""
    if len(values) == 1 and len(value := next(iter(values))) <= LONGEST_VALUE and "\0" not in value:
        return values
    return {each.replace("\0", "")[:LONGEST_VALUE] for each in values}
