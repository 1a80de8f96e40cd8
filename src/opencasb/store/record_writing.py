"""The rows of records go into their two tables and out of them, in transactions that have locked their sequence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from opencasb.store import statistics
from opencasb.store.record_rows import RecordRows, ValueRow
from opencasb.store.sequences import take

if TYPE_CHECKING:
    from opencasb.store.database import Database
    from opencasb.store.record_tables import RecordKind
    from opencasb.store.records import Record


class RecordWriting:
    """Writes the tables of one resource."""

    def __init__(self, database: Database, kind: RecordKind) -> None:
        self._database = database
        self._kind = kind
        self._rows = RecordRows(kind)
        # Made once, for to make a statement costs more than to run it for one record.
        table, values = kind.table, kind.values
        these = (table.c.tenant_id == sa.bindparam("tenant"), database.any_of(table.c.record_id, "ids"))
        self._numbers_of = sa.select(table.c.record_id, table.c.seq).where(*these)
        self._delete_rows = sa.delete(table).where(*these)
        self._take_rows = self._delete_rows.returning(table.c.record_id, table.c.seq)
        theirs = (values.c.tenant_id == sa.bindparam("tenant"), database.any_of(values.c.seq, "numbers"))
        self._values_of = sa.select(*values.c).where(*theirs)
        self._delete_values = sa.delete(values).where(*theirs)
        self._delete_value = sa.delete(values).where(*(column == sa.bindparam(column.name) for column in values.c))

    def known(self, connection: sa.Connection, tenant_id: int, record_ids: Collection[str]) -> dict[str, int]:
        """Return the numbers of those records that are there, by id."""
        return _pairs(connection.execute(self._numbers_of, {"tenant": tenant_id, "ids": list(record_ids)}))

    def insert(
        self,
        connection: sa.Connection,
        tenant_id: int,
        records: Sequence[Record],
        known: Mapping[str, int] | None = None,
    ) -> None:
        """Insert rows; those that are ``known`` keep their numbers, and their values are still there."""
        if not records:
            return
        kind = self._kind
        first = take(connection, tenant_id, kind.name, len(records))
        rows: list[list[Any]] = []
        values: list[ValueRow] = []
        for change, record in enumerate(records, first):
            seq = known.get(record.record_id, change) if known else change
            rows.append(self._rows.row(tenant_id, (seq,) if kind.text else (seq, change), record))
            values += self._rows.values(tenant_id, seq, record)
        if known:
            values = self._changed_values(connection, tenant_id, known.values(), values)
        self._database.insert(connection, kind.table, [column.name for column in kind.table.c], rows)
        self._database.insert(connection, kind.values, [column.name for column in kind.values.c], values)
        statistics.gather(connection, (kind.table, kind.values), first, len(records))
        if kind.text:
            kind.text.catch_up(connection, tenant_id, first + len(records) - 1)

    def replace(self, connection: sa.Connection, tenant_id: int, records: Mapping[str, Record]) -> None:
        """Insert records, by id, in place of those that are there."""
        known: dict[str, int] = {}
        if self._kind.text:
            self.delete(connection, tenant_id, self.known(connection, tenant_id, records))
        else:
            known = _pairs(connection.execute(self._take_rows, {"tenant": tenant_id, "ids": list(records)}))
        self.insert(connection, tenant_id, list(records.values()), known)

    def delete(
        self, connection: sa.Connection, tenant_id: int, known: Mapping[str, int], *, before: int | None = None
    ) -> int:
        """Delete records, given by id and number; returns how many there were.

        Those that are known to be from before a time (ms) are looked for in the months before it only.
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

    def _changed_values(
        self, connection: sa.Connection, tenant_id: int, numbers: Collection[int], values: Iterable[ValueRow]
    ) -> list[ValueRow]:
        """Delete the values of records that are not among ``values``; returns those of ``values`` that are missing."""
        found = connection.execute(self._values_of, {"tenant": tenant_id, "numbers": list(numbers)})
        before, after = {tuple(each) for each in found}, dict.fromkeys(values)
        if gone := before - after.keys():
            names = [column.name for column in self._kind.values.c]
            connection.execute(self._delete_value, [dict(zip(names, each, strict=True)) for each in gone])
        return [each for each in after if each not in before]


def _pairs(found: Iterable[sa.Row[str, int]]) -> dict[str, int]:
    return {record_id: seq for record_id, seq in found}  # noqa: C416 -- rows are no pairs
