"""Resolves rare filter values through indexes first, instead of scanning millions of records in list order.

A database walks a list in its order and tests each record, which is best for common values. Where a filter demands a
value that few records have, their numbers are looked up in an index: that of the values table, of a ``sought`` column,
or of the text. The list is then built from those alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.filters.tree import AllOf, Among, AnyOf, Empty, Like, Not, OneOf, Span, conjuncts
from opencasb.store.database import inline

if TYPE_CHECKING:
    from opencasb.filters.clauses import Condition
    from opencasb.filters.field import Field
    from opencasb.filters.tree import Node
    from opencasb.store.record_tables import RecordKind

FEW: Final = 4000
"""Most records a rare value may have: sorting that many takes about as long as walking the list to fill a page."""

MOST_LISTED: Final = 20_000
"""Most numbers fetched from the database at once, however many are counted."""

_LAST: Final = "\U0010ffff" * 8
"""Appended to a text, sorts after anything that begins with that text."""

_LEAST: Final = -(2**63)
_MOST_BRANCHES: Final = 16


@dataclass(frozen=True, slots=True)
class Found:
    """What the indexes alone tell of the records that match a filter.

    ``numbers`` holds the numbers of all of them, or None if they may be many. ``total`` is how many match, or None if
    only the records themselves can tell; where counting stopped, it is greater than the limit.
    """

    numbers: Sequence[int] | None = None
    total: int | None = None

    @classmethod
    def among(cls, numbers: Sequence[int] | None) -> Found:
        """Return what is known if ``numbers`` is a superset of the matches; an empty one means a total of 0."""
        return cls(numbers, None if numbers is None or numbers else 0)

    def condition(self, connection: sa.Connection, kind: RecordKind, most: int) -> sa.ColumnElement[bool] | None:
        """Return the condition that a record is one of those found, or None if they are more than ``most``.

        It never narrows more than the filter does, and an index can answer it.
        """
        if self.numbers is None or len(self.numbers) > most:
            return None
        if connection.dialect.name == "sqlite":
            return kind.table.c.seq.in_(self.numbers)
        # One text parameter, cast to an array. Thousands of parameters take longer to parse than the records to read;
        # an array parameter of 4,000 numbers takes the driver a millisecond, and PostgreSQL would plan for its length.
        text = f"{{{','.join(map(str, self.numbers))}}}"
        return kind.table.c.seq == sa.any_(sa.cast(sa.literal(text, sa.Text), sa.ARRAY(sa.BigInteger)))


NOTHING_FOUND: Final = Found()
"""The indexes tell nothing."""


def search(connection: sa.Connection, kind: RecordKind, tenant_id: int, where: Node, most: int) -> Found:
    """Return what the indexes tell of the records that match ``where``, counting and looking up at most ``most``."""
    made = _Search(connection, kind, tenant_id, most)
    nodes = conjuncts(where)
    found = made.of_all(nodes)
    if found.numbers is not None or found.total is not None or not kind.text:
        return found
    return kind.text.search(connection, kind.columns, tenant_id, nodes, most)


def run(connection: sa.Connection, query: sa.Select[int], most: int, *, once: bool = True) -> Found:
    """Run a query for record numbers and return up to ``most``; reads some more unless each number comes ``once``.

    The numbers come as one value: fetching thousands of rows would take longer than finding them.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    limit = most + 1 if once else 2 * most + 1
    inner = query.limit(inline(limit)).subquery()
    rows, number = sa.func.count(), inner.c.seq
    distinct = rows if once else sa.func.count(number.distinct())
    listed = sa.func.json_group_array(number) if is_sqlite else sa.func.array_agg(number)
    read, different, given = connection.execute(
        sa.select(rows, distinct, sa.case((rows <= min(most, MOST_LISTED), listed))).select_from(inner)
    ).one()
    if given is not None:
        numbers = sorted(set(msgspec.json.decode(given) if is_sqlite else given))
        return Found(numbers, len(numbers))
    if read and (read < limit or different > most):
        return Found(total=min(different, most + 1))
    return NOTHING_FOUND if read else Found((), 0)


@dataclass(frozen=True, slots=True)
class _Search:
    """A search for the numbers of a tenant's records, at most ``most`` at once."""

    connection: sa.Connection
    kind: RecordKind
    tenant_id: int
    most: int

    def of_all(self, nodes: Sequence[Node]) -> Found:
        """Return what is known of the records that meet all ``nodes``; the total only if there is a single node."""
        if len(nodes) == 1:
            return self.of(nodes[0])
        numbers = (self.of(each).numbers for each in nodes)
        return Found.among(next((each for each in numbers if each is not None), None))

    def of(self, node: Node) -> Found:
        """Return what is known of the records that meet one node."""
        match node:
            case AllOf():
                return self.of_all(conjuncts(node))
            case AnyOf(nodes) if len(nodes) <= _MOST_BRANCHES:
                return self._of_any(nodes)
            case _:
                query = self._query(node)
                return NOTHING_FOUND if query is None else run(self.connection, query, self.most, once=_is_once(node))

    def _of_any(self, nodes: Iterable[Node]) -> Found:
        numbers: set[int] = set()
        exact = True
        for each in nodes:
            found = self.of(each)
            if found.numbers is None:
                more = found.total is not None and found.total > self.most
                return Found(total=found.total) if more else NOTHING_FOUND
            exact = exact and found.total is not None
            numbers.update(found.numbers)
        total = len(numbers) if exact else None
        return Found(sorted(numbers) if len(numbers) <= self.most else None, total)

    def _query(self, node: Node) -> sa.Select[int] | None:
        """Return the query for the record numbers that an index has for a leaf, or None if no index serves it."""
        match node:
            case Not(Empty(field)) if field.many:
                return self._having(field, lambda _: sa.true())
            case Not(Empty(field)) if field.column in self.kind.sought:
                return self._having(field, _is_set)
            case Empty(field) if field.column in self.kind.sought:
                return self._having(field, lambda value: value.is_(None))
            case OneOf(field) | Like(field, "starts") | Span(field) if field.many or field.column in self.kind.sought:
                condition = _demand(node)
                return None if condition is None else self._having(field, condition)
            case Among(field, lookup) if field.many or field.column in self.kind.sought:
                return self._having(field, lambda value: value.in_(lookup.query()))
            case _:
                return None

    def _having(self, field: Field, condition: Condition) -> sa.Select[int]:
        table, values = self.kind.table, self.kind.values
        if not field.many:
            where = (table.c.tenant_id == self.tenant_id, condition(table.c[field.column]))
            return sa.select(table.c.seq).where(*where)
        named = (values.c.tenant_id == self.tenant_id, values.c.field == field.column)
        return sa.select(values.c.seq).where(*named, condition(values.c.value))


def _is_once(leaf: Node) -> bool:
    """Return whether a leaf's query yields each record once.

    A record may match several values of a many-valued field.
    """
    match leaf:
        case OneOf(field, values):
            return not field.many or len(values) == 1
        case Not(Empty(field)) | Empty(field) | Like(field) | Span(field) | Among(field):
            return not field.many
        case _:
            return False


def _demand(leaf: Node) -> Condition | None:
    """Return the condition that a leaf puts on a value, in a form that an index answers; None if it has none."""
    match leaf:
        case OneOf(field, values, or_empty) if not (field.many and or_empty):
            given = [str(value) for value in values] if field.many else list(values)
            return lambda value: sa.or_(value.in_(given), value.is_(None)) if or_empty else value.in_(given)
        case Like(_, "starts", texts):
            return lambda value: sa.or_(sa.false(), *(_begins(value, text) for text in texts))
        case Span(_, spans):
            return lambda value: sa.or_(sa.false(), *((value >= a) & (value <= z) for a, z in spans))
        case _:
            return None


def _begins(value: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Return the condition that a value begins with ``text``, as an index range; SQLite's LIKE ESCAPE uses none."""
    return (value >= text) & (value <= text + _LAST)


def _is_set(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a value is set, as an index range: SQLite uses none for IS NOT NULL."""
    return value >= ("" if isinstance(value.type, sa.Text) else _LEAST)
