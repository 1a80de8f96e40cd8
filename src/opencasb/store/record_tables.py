"""The two tables of a resource (design rule 4).

One has a row per record: its number, the columns, the wire document as JSON, and the number of its last change. The
other has the values of many-valued fields, keyed by field and value, with the record's time; it refers to the record by
its number, which is shorter than an id and as unique. A record keeps its number when it changes, so unchanged values
stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.partitions import part_by_month
from opencasb.store.text_index import TextIndex

if TYPE_CHECKING:
    from opencasb.filters.clauses import Condition

TEXT: Final = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text ordered by code point on both engines, so that cursors and prefixes mean the same."""

LONGEST_VALUE: Final = 600
"""Most characters of a filterable text; PostgreSQL rejects index entries over 2,700 bytes.

A column without an index may set another limit in its ``info``, under ``longest``.
"""


class RecordColumns:
    """The columns of a resource that filters may read; implements :class:`opencasb.filters.clauses.Columns`."""

    def __init__(self, table: sa.Table, values: sa.Table, time: str | None, bound: Condition | None = None) -> None:
        self._table = table
        self._values = values
        self._time = time
        self._bound = bound

    def bounded(self, bound: Condition) -> RecordColumns:
        """Return the columns bounded to records whose time meets a condition, which also applies to their values."""
        return RecordColumns(self._table, self._values, self._time, bound)

    def __getitem__(self, name: str, /) -> sa.ColumnElement[Any]:
        """Return a single-valued column."""
        return self._table.c[name]

    def holding(self, name: str, condition: Condition) -> sa.ColumnElement[bool]:
        """Return whether a value of the many-valued field ``name`` meets ``condition``."""
        values, table = self._values.alias(), self._table
        at = table.c[self._time] if self._time else sa.literal(0)
        same = (values.c.tenant_id == table.c.tenant_id, values.c.seq == table.c.seq, values.c.at == at)
        bounds = () if self._bound is None else (self._bound(values.c.at),)
        return sa.exists().where(*same, *bounds, values.c.field == name, condition(values.c.value))


@dataclass(frozen=True, slots=True)
class RecordKind:
    """The tables of a resource.

    ``order`` are the columns that lists may be sorted by. ``time`` is the column (ms, never null) with a record's age,
    or None for a resource without retention. ``sought`` are the columns whose record numbers can be looked up from an
    index alone, ``text`` is the index of the searchable text column. ``changed`` is the column with the number of the
    last change, ``seq`` itself where a change gives a record a new number.
    """

    name: str
    order: tuple[str, ...]
    time: str | None
    table: sa.Table
    values: sa.Table
    columns: RecordColumns
    sought: frozenset[str]
    text: TextIndex | None
    changed: sa.Column[int]

    @classmethod
    def of(
        cls,
        name: str,
        *,
        order: tuple[str, ...],
        time: str | None = None,
        columns: Sequence[sa.Column[Any]],
        indexes: Sequence[tuple[str, ...]] = (),
        sought: Sequence[str] = (),
        text: str | None = None,
        monthly: bool = False,
    ) -> RecordKind:
        """Define the tables ``<name>`` and ``<name>_values``; each of ``indexes`` names columns after the tenant.

        Those of a ``monthly`` resource are partitioned on PostgreSQL (:mod:`opencasb.store.partitions`). A record with
        a ``text`` gets a new number when it changes, because the index knows texts by numbers.
        """
        numbers = ("seq",) if text else ("seq", "changed")
        numbered = [(column, "seq") for column in sought]
        ordered = [(column, "record_id") for column in order]
        table = sa.Table(
            name,
            metadata,
            sa.Column("tenant_id", sa.Integer, primary_key=True),
            sa.Column("record_id", TEXT, primary_key=True),
            *(sa.Column(column, sa.BigInteger, nullable=False) for column in numbers),
            *columns,
            sa.Column("document", sa.Text, nullable=False),
            *(
                sa.Index(f"ix_{name}_{'_'.join(index)}", "tenant_id", *index)
                for index in (*((column,) for column in numbers), *ordered, *indexes, *numbered)
            ),
        )
        values = sa.Table(
            f"{name}_values",
            metadata,
            sa.Column("tenant_id", sa.Integer, primary_key=True),
            sa.Column("field", TEXT, primary_key=True),
            sa.Column("value", TEXT, primary_key=True),
            sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Index(f"ix_{name}_values_seq", "tenant_id", "seq"),
            sqlite_with_rowid=False,  # the primary key is the table, not a second copy of it
        )
        if monthly and time:
            part_by_month(table, time)
            part_by_month(values, "at")
        index = TextIndex.of(table, text) if text else None
        filtered, changed = RecordColumns(table, values, time), table.c[numbers[-1]]
        return cls(name, order, time, table, values, filtered, frozenset(sought), index, changed)

    def longest(self, name: str) -> int | None:
        """Return the stored length limit of a text, in a column or as one of many values; None if unlimited."""
        column = self.table.c.get(name)
        if column is None:
            return LONGEST_VALUE
        return None if column.primary_key else column.info.get("longest", LONGEST_VALUE)

    def having(
        self,
        tenant_id: int | sa.BindParameter[int],
        field: str | sa.BindParameter[str],
        condition: Condition,
    ) -> sa.Select[str]:
        """Return the query for ids of records with a value of a many-valued field that meets ``condition``.

        It is unordered: with a join or an order, SQLite would read the tenant's records one by one.
        """
        table, values = self.table, self.values
        where = (values.c.tenant_id == tenant_id, values.c.field == field, condition(values.c.value))
        numbers = sa.select(values.c.seq).where(*where)
        return sa.select(table.c.record_id).where(table.c.tenant_id == tenant_id, table.c.seq.in_(numbers))
