"""Finds the few records with a rare value first, instead of looking for them among millions in the order of a list.

A database walks a list in its order and tests each record, which is best for common values. Where a filter demands a
value that few records have, their numbers are looked up in an index: that of the table of values, of a
column that is sought, or of the text. The list is made of those alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from opencasb.filters.tree import AllOf, Among, AnyOf, Empty, Like, Not, OneOf, Span

if TYPE_CHECKING:
    from opencasb.filters.clauses import Condition
    from opencasb.filters.field import Field
    from opencasb.filters.tree import Node
    from opencasb.store.record_tables import RecordKind

FEW: Final = 4000
"""Records up to which a value is rare: about as many as are sorted in the time in which a page of them is met."""

_LAST: Final = "\U0010ffff" * 8
"""Behind a text, what is greater than anything that follows it."""

_LEAST: Final = -(2**63)
_MOST_BRANCHES: Final = 16


def few(
    connection: sa.Connection, kind: RecordKind, tenant_id: int, where: Node, most: int = 0
) -> sa.ColumnElement[bool] | None:
    """Return that a record is one of those that ``where`` leaves, or None if they may be many.

    They are many if they are more than :data:`FEW` and more than ``most``. The condition says no more than ``where``
    does, in a form that an index answers.
    """
    most = max(most, FEW)
    numbers = _Search(connection, kind, tenant_id, most).numbers(where)
    if numbers is None and kind.text:
        numbers = kind.text.numbers(connection, kind.columns, tenant_id, where, most)
    if numbers is None:
        return None
    return kind.table.c.seq.in_(sorted(set(numbers))) if numbers else sa.false()


@dataclass(frozen=True, slots=True)
class _Search:
    """A search for the numbers of a tenant's records, ``most`` at once."""

    connection: sa.Connection
    kind: RecordKind
    tenant_id: int
    most: int

    def numbers(self, node: Node) -> Collection[int] | None:
        """Return numbers that hold those of all records that pass, or None if an index does not tell or too many do."""
        match node:
            case AllOf(nodes):
                return next((found for found in map(self.numbers, nodes) if found is not None), None)
            case AnyOf(nodes) if len(nodes) <= _MOST_BRANCHES:
                return self._of_any(nodes)
            case _:
                query = self._query(node)
                if query is None:
                    return None
                found = self.connection.scalars(query.limit(self.most + 1)).all()
                return found if len(found) <= self.most else None

    def _of_any(self, nodes: Iterable[Node]) -> set[int] | None:
        found: set[int] = set()
        for each in nodes:
            some = self.numbers(each)
            if some is None:
                return None
            found.update(some)
        return found if len(found) <= self.most else None

    def _query(self, node: Node) -> sa.Select[int] | None:
        """Return the query of the numbers that an index has for a leaf."""
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


def _demand(leaf: Node) -> Condition | None:
    """Return the condition on a value that a leaf demands, in a form that an index answers."""
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
    """Return that a value begins with a text, as a span of an index: SQLite uses none for LIKE with an escape."""
    return (value >= text) & (value <= text + _LAST)


def _is_set(value: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return that there is a value, as a span of an index: SQLite uses none for IS NOT NULL."""
    return value >= ("" if isinstance(value.type, sa.Text) else _LEAST)
