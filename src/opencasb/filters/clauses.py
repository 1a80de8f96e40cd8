"""The SQL interpreter: a filter tree → an SQLAlchemy clause, with every value as a bound parameter.

A column of a folded text field holds lower-case text, so that an index applies and both engines agree. For a record
without a value a comparison is NULL; :class:`Not` coalesces it to false before negating it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import sqlalchemy as sa

from opencasb.filters.field import Field
from opencasb.filters.tree import (
    GAP,
    AllOf,
    Among,
    AnyOf,
    Empty,
    Like,
    Lookup,
    Node,
    Not,
    OneOf,
    Other,
    Plain,
    Range,
    Span,
    Within,
)


class Columns(Protocol):
    """The columns that a filter may read, by the names that fields use: those of a table, or any others."""

    def __getitem__(self, name: str, /) -> sa.ColumnElement[Any]:
        """Return one column."""


@runtime_checkable
class ManyValued(Columns, Protocol):
    """Columns of a resource that also has many-valued fields, all of text."""

    def holding(self, name: str, condition: Condition) -> sa.ColumnElement[bool]:
        """Return the clause for whether any value of a many-valued field meets ``condition``."""


Condition = Callable[[sa.ColumnElement[Any]], sa.ColumnElement[bool]]


def clause(node: Node, columns: Columns) -> sa.ColumnElement[bool]:
    """Return the clause of a tree over ``columns``."""
    match node:
        case AllOf(nodes):
            return sa.and_(sa.true(), *(clause(each, columns) for each in nodes))
        case AnyOf(nodes):
            return sa.or_(sa.false(), *(clause(each, columns) for each in nodes))
        case Not(inner):
            return sa.not_(sa.func.coalesce(clause(inner, columns), sa.false()))
        case Among(field, lookup):
            return _among(field, lookup, columns)
        case leaf if leaf.field.many and isinstance(columns, ManyValued):
            return _of_many(leaf, columns)
        case leaf:
            return _leaf(leaf, _column(leaf, columns))


def _among(field: Field, lookup: Lookup, columns: Columns) -> sa.ColumnElement[bool]:
    if not (field.many and isinstance(columns, ManyValued)):
        return columns[field.column].in_(lookup.query())
    # coalesce keeps SQLite from looking up every value of the query in the index for each record.
    return columns.holding(field.column, lambda value: sa.func.coalesce(value, value).in_(lookup.query()))


def _column(leaf: Plain, columns: Columns) -> sa.ColumnElement[Any]:
    column = columns[leaf.field.column]
    # Values have up to 64 bits; comparing them with a narrower column is an error in PostgreSQL, not a mismatch.
    return sa.type_coerce(column, sa.BigInteger) if isinstance(column.type, sa.Integer) else column


def _of_many(leaf: Plain, columns: ManyValued) -> sa.ColumnElement[bool]:
    """Return the clause for a many-valued field; a record without a value has no row that could match."""
    name = leaf.field.column
    filled = columns.holding(name, lambda _: sa.true())
    match leaf:
        case OneOf(_, values, or_empty):
            texts = [str(value) for value in values]
            found = columns.holding(name, lambda value: value.in_(texts))
            return found | ~filled if or_empty else found
        case Other(_, values):
            texts = [str(value) for value in values]
            return columns.holding(name, lambda value: value.not_in(texts))
        case Empty():
            return ~filled
        case _:
            return columns.holding(name, lambda value: _leaf(leaf, value))


def _leaf(leaf: Plain, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    match leaf:
        case OneOf(_, values, or_empty):
            found = column.in_(values)
            return sa.or_(found, column.is_(None)) if or_empty else found
        case Other(_, values):
            return sa.and_(column.is_not(None), column.not_in(values))
        case Like(_, how, texts):
            return _either([_like(column, how, text) for text in texts])
        case Within(_, ranges):
            return _either([_between(column, each) for each in ranges])
        case Span(_, spans):
            return _either([(column >= first) & (column <= last) for first, last in spans])
        case Empty():
            return column.is_(None)


def _like(column: sa.ColumnElement[Any], how: str, text: str) -> sa.ColumnElement[bool]:
    match how:
        case "starts":
            return column.startswith(text, autoescape=True)
        case "ends":
            return column.endswith(text, autoescape=True)
        case "around":
            head, _, tail = text.partition(GAP)
            return column.startswith(head, autoescape=True) & column.endswith(tail, autoescape=True)
        case _:
            return column.contains(text, autoescape=True)


def _between(column: sa.ColumnElement[Any], between: Range) -> sa.ColumnElement[bool]:
    # No IS NOT NULL, which comparisons imply: beside alternatives, PostgreSQL 15 then skips the default partition.
    parts: list[sa.ColumnElement[bool]] = []
    if between.start is not None:
        parts.append(column > between.start if between.strict else column >= between.start)
    if between.end is not None:
        parts.append(column < between.end if between.strict else column <= between.end)
    return sa.and_(*parts) if parts else column.is_not(None)


def _either(parts: Sequence[sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *parts)
