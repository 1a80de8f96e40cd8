"""Finds the few records with a rare value first, instead of looking for them among millions in the order of a list.

A database walks a list in its order and tests each record, which is best for common values. Where a filter demands a
value that few records have, their numbers are looked up in the table of values, and the list is made of those alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from opencasb.filters.tree import AllOf, Like, OneOf, Span

if TYPE_CHECKING:
    from opencasb.filters.clauses import Condition
    from opencasb.filters.tree import Node
    from opencasb.store.record_tables import RecordKind

FEW: Final = 1000
"""Records up to which a value is rare."""

_LAST: Final = "\U0010ffff" * 8
"""Behind a text, what is greater than anything that follows it."""


def few(connection: sa.Connection, kind: RecordKind, tenant_id: int, where: Node) -> sa.ColumnElement[bool] | None:
    """Return the condition that a record is one of the few that ``where`` leaves, or None if it may leave many.

    It says no more than ``where`` does, in a form that an index answers.
    """
    values, seq = kind.values, kind.table.c.seq
    for field, condition in _demands(where):
        found = sa.select(values.c.seq).where(
            values.c.tenant_id == tenant_id, values.c.field == field, condition(values.c.value)
        )
        numbers = connection.scalars(found.limit(FEW + 1)).all()
        if len(numbers) <= FEW:
            return seq.in_(sorted(set(numbers)))
    return None


def _demands(node: Node) -> Iterator[tuple[str, Condition]]:
    """Yield the many-valued fields of which a record must have some value, with the condition that it meets."""
    match node:
        case AllOf(nodes):
            for each in nodes:
                yield from _demands(each)
        case OneOf(field, values, False) if field.many:
            texts = [str(value) for value in values]
            yield field.column, lambda value: value.in_(texts)
        case Like(field, "starts", texts) if field.many:
            yield field.column, lambda value: sa.or_(sa.false(), *(_begins(value, text) for text in texts))
        case Span(field, spans) if field.many:
            yield field.column, lambda value: sa.or_(sa.false(), *((value >= a) & (value <= z) for a, z in spans))


def _begins(value: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Return that a value begins with a text, as a span of an index: SQLite uses none for LIKE with an escape."""
    return (value >= text) & (value <= text + _LAST)
