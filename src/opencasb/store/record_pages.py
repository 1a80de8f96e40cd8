"""The queries for one page of records in list order.

Where few records match, their numbers are known and they are sorted; where many do, the list is walked in its order
until the page is full.

On PostgreSQL, a list in time order gets a time bound that certainly or very likely contains the page. It prunes
monthly partitions, each of which would otherwise be probed for every number. PostgreSQL also cannot tell how common a
value of a many-valued field is among the first records of a list, and would rather sort all matches. So those first
records are tried alone; if they yield too few, the time bound of the page is extrapolated from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from opencasb.filters.clauses import clause
from opencasb.filters.tree import Within, conjuncts, leaves
from opencasb.store import narrowing
from opencasb.store.database import inline
from opencasb.store.narrowing import Found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opencasb.filters.clauses import Condition
    from opencasb.filters.tree import Node
    from opencasb.store.record_tables import RecordKind

WALKED: Final = 5_000
"""First records of a list that are tried before all of them."""

MOST_AT_THE_BEGINNING: Final = 500
"""Largest end of a page, in records, for which the first records are tried."""

_FARTHER: Final = 2
"""How many times the estimated reach of a page is read."""

_EARLIEST, _LATEST = -(2**63), 2**63 - 1
"""The range of a time column; no time is rejected as absurd."""

_NEAR: Final = 2
"""How many numbers are read for the time bound, as a multiple of the end of the page."""

_MANY: Final = 4
"""The bound is computed only if there are more numbers than this multiple of those read for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of a list: its order, and how many records come before it.

    ``after`` is the keyset cursor: the sort key and id of the last record seen.
    """

    order: str
    ascending: bool
    skip: int
    limit: int
    after: tuple[Any, str] | None = None  # a value of the sort column

    @property
    def end(self) -> int:
        """Number of records up to the end of the page."""
        return self.skip + self.limit

    def behind(self, table: sa.Table) -> Sequence[sa.ColumnElement[bool]]:
        """Return the keyset condition for what comes after the last record seen, if there is one."""
        if self.after is None:
            return ()
        return (_behind(table.c[self.order], table.c.record_id, self.after, ascending=self.ascending),)

    def keys(self, table: sa.Table, *, walked: bool = True) -> Sequence[sa.ColumnElement[Any]]:
        """Return the ORDER BY of a query; one that is not ``walked`` is sorted."""
        columns = (table.c[self.order], table.c.record_id)
        return [_directed(column, ascending=self.ascending, walked=walked) for column in columns]


@dataclass(frozen=True, slots=True)
class RecordPages:
    """Reads pages of a tenant's records."""

    connection: sa.Connection
    kind: RecordKind
    tenant_id: int

    def read(self, where: Node, place: Place, found: Found) -> Sequence[sa.Row[Any, Any, Any]]:
        """Return id, sort key and document of each record of a page; ``found`` is what indexes tell of ``where``."""
        narrowed = found.condition(self.connection, self.kind, narrowing.FEW)
        if narrowed is not None:
            return self._of_few(where, place, found, narrowed)
        rows = self._at_the_beginning(where, place)
        if rows is not None and len(rows) == place.limit:
            return rows
        return self._rows(place, clause(where, self.kind.columns))

    def _of_few(
        self, where: Node, place: Place, found: Found, narrowed: sa.ColumnElement[bool]
    ) -> Sequence[sa.Row[Any, Any, Any]]:
        if not found.numbers:
            return ()
        if found.total is None:
            return self._rows(place, narrowed, clause(where, self.kind.columns), walked=False)
        bound = self._bound_of(found.numbers, place)
        bounds = () if bound is None else (bound(self.kind.table.c[place.order]),)
        return self._rows(place, narrowed, *bounds, walked=False)

    def _bound_of(self, numbers: Sequence[int], place: Place) -> Condition | None:
        """Return the time bound of the page within the records with these numbers, or None.

        Numbers are assigned in order of arrival, which is nearly that of the records' times. Among some of the last
        numbers, as many as the page needs, the oldest record is at least as old as any on the page.
        """
        near = _NEAR * place.end
        if not self._is_bounded(place) or len(numbers) <= _MANY * near:
            return None
        last = Found(numbers[:near] if place.ascending else numbers[-near:]).condition(
            self.connection, self.kind, narrowing.FEW
        )
        time = None if last is None else self._time_of(place, place.end, last)
        return None if time is None else _bound(time, ascending=place.ascending)

    def _at_the_beginning(self, where: Node, place: Place) -> Sequence[sa.Row[Any, Any, Any]] | None:
        """Return the part of a page that is among the first records of the list; if full, it is the page."""
        many = any(leaf.field.many for leaf in leaves(where))
        if not (many and self._is_bounded(place) and place.end <= MOST_AT_THE_BEGINNING):
            return None
        spans = [each for each in conjuncts(where) if isinstance(each, Within) and each.field.column == place.order]
        within = [clause(each, self.kind.columns) for each in spans]
        last = self._time_of(place, WALKED, *within)
        if last is None:
            return None
        rows = self._up_to(last, where, place)
        if len(rows) == place.limit or not rows:
            return rows
        first = self._time_of(place, 1, *within)
        farther = last if first is None else first + (last - first) * _FARTHER * place.end // (place.skip + len(rows))
        return self._up_to(max(_EARLIEST, min(farther, _LATEST)), where, place)

    def _up_to(self, last: int, where: Node, place: Place) -> Sequence[sa.Row[Any, Any, Any]]:
        """Return the part of a page that is among the records up to a time."""
        bound = _bound(last, ascending=place.ascending)
        columns = self.kind.columns.bounded(bound)
        return self._rows(place, bound(self.kind.table.c[place.order]), clause(where, columns))

    def _time_of(self, place: Place, nth: int, *conditions: sa.ColumnElement[bool]) -> int | None:
        """Return the time of the ``nth`` record in the list, or None if there are fewer."""
        table = self.kind.table
        query = sa.select(table.c[place.order]).where(*self._mine(place), *conditions).order_by(*place.keys(table))
        found: int | None = self.connection.scalar(query.offset(inline(nth - 1)).limit(inline(1)))
        return found

    def _is_bounded(self, place: Place) -> bool:
        return self.connection.dialect.name != "sqlite" and place.order == self.kind.time

    def _rows(
        self, place: Place, *conditions: sa.ColumnElement[bool], walked: bool = True
    ) -> Sequence[sa.Row[Any, Any, Any]]:
        table = self.kind.table
        query = sa.select(table.c.record_id, table.c[place.order], table.c.document)
        query = query.where(*self._mine(place), *conditions).order_by(*place.keys(table, walked=walked))
        if place.skip:
            query = query.offset(inline(place.skip))
        return self.connection.execute(query.limit(inline(place.limit))).all()

    def _mine(self, place: Place) -> Sequence[sa.ColumnElement[bool]]:
        return (self.kind.table.c.tenant_id == self.tenant_id, *place.behind(self.kind.table))


def _bound(last: int, *, ascending: bool) -> Condition:
    """Return the condition for times up to ``last`` in list order."""
    return lambda time: time <= last if ascending else time >= last


def _directed(column: sa.Column[Any], *, ascending: bool, walked: bool = True) -> sa.ColumnElement[Any]:
    """Return the ORDER BY of a column; nulls are the smallest, as in SQLite.

    An order that is not ``walked`` sorts by an expression, because SQLite would rather walk an index than sort a few
    records.
    """
    key = column if walked else sa.func.coalesce(column, column)
    ordered = key.asc() if ascending else key.desc()
    if not column.nullable:
        return ordered
    return ordered.nulls_first() if ascending else ordered.nulls_last()


def _behind(
    column: sa.Column[Any], record_id: sa.ColumnElement[str], after: tuple[Any, str], *, ascending: bool
) -> sa.ColumnElement[bool]:
    """Return the keyset condition for what comes after a sort key and id."""
    key, last = after
    later = record_id > last if ascending else record_id < last
    if not column.nullable:
        place, end = sa.tuple_(column, record_id), sa.tuple_(sa.literal(key), sa.literal(last))
        beyond: sa.ColumnElement[bool] = place > end if ascending else place < end
        return beyond
    if key is None:
        rest = column.is_(None) & later
        return rest | column.is_not(None) if ascending else rest
    farther = column > key if ascending else (column < key) | column.is_(None)
    return sa.or_(farther, sa.and_(column == key, later))
