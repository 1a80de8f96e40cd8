"""The Polars interpreter: a filter tree → an expression over a frame.

Every leaf is false, never null, for a record without a value, so that :class:`Not` means what the tree says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from opencasb.filters.field import Field, Kind
from opencasb.filters.tree import (
    GAP,
    AllOf,
    Among,
    AnyOf,
    Empty,
    Like,
    Node,
    Not,
    OneOf,
    Other,
    Plain,
    Range,
    Span,
    Within,
)


def expression(node: Node) -> pl.Expr:
    """Return the boolean expression of a tree over the columns that its fields name."""
    match node:
        case AllOf(nodes):
            return pl.all_horizontal([pl.lit(value=True), *map(expression, nodes)])
        case AnyOf(nodes):
            return pl.any_horizontal([pl.lit(value=False), *map(expression, nodes)])
        case Not(inner):
            return ~expression(inner)
        case Among(field, lookup):
            found = list(lookup.values())
            return _any(field, lambda element: _is_in(element, field, found))
        case leaf:
            return _leaf(leaf)


def _leaf(leaf: Plain) -> pl.Expr:
    match leaf:
        case OneOf(field, values, or_empty):
            found = _any(field, lambda element: _is_in(element, field, values))
            return found | _empty(field) if or_empty else found
        case Other(field, values):
            return _any(field, lambda element: ~_is_in(element, field, values))
        case Like(field, how, texts):
            return _any(field, lambda element: _either(element, [_like(element, how, text) for text in texts]))
        case Within(field, ranges):
            return _any(field, lambda element: _either(element, [_between(element, each) for each in ranges]))
        case Span(field, spans):
            return _any(field, lambda element: _either(element, [_spans(element, *each) for each in spans]))
        case Empty(field):
            return _empty(field)


def _any(field: Field, test: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Return the expression for whether any value of the field passes ``test``."""
    column = pl.col(field.column)
    if field.many:
        return column.list.eval(test(_folded(pl.element(), field))).list.any().fill_null(value=False)
    return test(_folded(column, field)).fill_null(value=False)


def _folded(element: pl.Expr, field: Field) -> pl.Expr:
    return element.str.to_lowercase() if field.folded else element


def _empty(field: Field) -> pl.Expr:
    column = pl.col(field.column)
    return (column.list.len().fill_null(0) == 0) if field.many else column.is_null()


def _is_in(element: pl.Expr, field: Field, values: Sequence[object]) -> pl.Expr:
    types = {} if field.many else {Kind.INTEGER: pl.Int64, Kind.TIME: pl.Int64, Kind.FLAG: pl.Boolean}
    return element.is_in(pl.Series(values, dtype=types.get(field.kind, pl.String)).implode())


def _like(element: pl.Expr, how: str, text: str) -> pl.Expr:
    match how:
        case "starts":
            return element.str.starts_with(text)
        case "ends":
            return element.str.ends_with(text)
        case "around":
            head, _, tail = text.partition(GAP)
            return _every([element.str.starts_with(head), element.str.ends_with(tail)])
        case _:
            return element.str.contains(text, literal=True)


def _between(element: pl.Expr, between: Range) -> pl.Expr:
    parts = [element.is_not_null()]
    if between.start is not None:
        parts.append(element > between.start if between.strict else element >= between.start)
    if between.end is not None:
        parts.append(element < between.end if between.strict else element <= between.end)
    return _every(parts)


def _spans(element: pl.Expr, first: str, last: str) -> pl.Expr:
    return _every([element.is_not_null(), element >= first, element <= last])


def _every(parts: Sequence[pl.Expr]) -> pl.Expr:
    return pl.all_horizontal(parts)


def _either(element: pl.Expr, parts: Sequence[pl.Expr]) -> pl.Expr:
    # Inside list.eval a bare literal has the wrong length, hence a condition that is always false.
    return pl.any_horizontal(parts) if parts else element.is_null() & element.is_not_null()
