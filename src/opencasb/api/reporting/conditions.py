"""``$filter`` and ``$orderby`` over the columns of a table, with the semantics of the Graph API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from opencasb.api.graph import filtering, ordering
from opencasb.api.graph.comparisons import Operand
from opencasb.api.graph.edm import Primitive, Property
from opencasb.reporting.schema import Column, Table, Type

_PRIMITIVES: Final = {
    Type.STRING: Primitive.STRING,
    Type.BOOLEAN: Primitive.BOOLEAN,
    Type.INT16: Primitive.INT64,
    Type.INT64: Primitive.INT64,
    Type.DATE: Primitive.INSTANT,
    Type.INSTANT: Primitive.INSTANT,
}


def resolver(table: Table) -> Callable[[str], Operand | None]:
    """Return a function that finds a column by name, in any case."""
    known = {column.name.lower(): column for column in table.columns}

    def resolve(path: str) -> Operand | None:
        found = known.get(path.strip().lower())
        return None if found is None else _operand(found)

    return resolve


def condition(table: Table, text: str) -> pl.Expr | None:
    """Return the condition of a ``$filter``, None if empty. Raises :class:`BadRequest`."""
    return filtering.condition(text, resolver(table)) if text else None


def order(table: Table, text: str) -> list[ordering.Key]:
    """Return the sort keys of an ``$orderby``, followed by the table's key. Raises :class:`BadRequest`."""
    return [*ordering.keys(text, resolver(table)), *(ordering.Key(pl.col(name)) for name in table.key)]


def _operand(column: Column) -> Operand:
    values = pl.col(column.name)
    if column.type in {Type.DATE, Type.INSTANT}:
        values = values.dt.epoch("ms")
    return Operand(column.name, Property(column.name, _PRIMITIVES[column.type]), values)
