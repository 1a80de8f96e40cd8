"""Comparisons and text functions as Polars expressions that are true or false, never null.

Text ignores case. On a collection a term holds if any element satisfies it, ``ne`` if no element is equal. Null equals
only null, and is neither less nor greater than anything (graph §5.2).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import polars as pl

from opencasb.api.graph.edm import Enum, Primitive, Property
from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.literals import Value

Comparator = Literal["eq", "ne", "lt", "le", "gt", "ge"]
TextFunction = Literal["contains", "startswith", "endswith"]

MIRRORED: Final[dict[Comparator, Comparator]] = {
    "eq": "eq",
    "ne": "ne",
    "lt": "gt",
    "le": "ge",
    "gt": "lt",
    "ge": "le",
}
"""The equivalent comparator with the operands swapped."""

_ORDERING: Final[dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Operand:
    """A property in a filter: its contract name, its type, and the expression for its values."""

    name: str
    declared: Property
    values: pl.Expr

    @property
    def is_text(self) -> bool:
        """Whether the values are free text."""
        return self.declared.type is Primitive.STRING

    def element(self) -> Operand:
        """Return the operand that stands for each element of this collection."""
        return replace(self, declared=replace(self.declared, collection=False), values=pl.element())


def compare(left: Operand, comparator: Comparator, value: Value) -> pl.Expr:
    """Return the rows where the comparison with ``value`` (already of its type) holds. Raises :class:`BadRequest`."""
    if value is None:
        return _compare_null(left, comparator)
    if left.declared.collection:
        if comparator not in {"eq", "ne"}:
            raise BadRequest(f"The collection '{left.name}' can only be compared with eq and ne.")
        found = any_element(left, compare(left.element(), "eq", value))
        return found if comparator == "eq" else ~found
    if comparator not in {"eq", "ne"} and (isinstance(left.declared.type, Enum) or isinstance(value, bool)):
        raise BadRequest(f"The property '{left.name}' has no order; it can only be compared with eq, ne and in.")
    return _compare_scalar(left, comparator, value)


def text_function(function: TextFunction, left: Operand, text: str) -> pl.Expr:
    """Return the rows where ``left`` contains, starts or ends with ``text``. Raises :class:`BadRequest`."""
    if function == "contains" and isinstance(left.declared.type, Enum) and left.declared.type.flags:
        member = left.declared.type.member(text) or text
        return left.values.str.split(",").list.contains(member).fill_null(value=False)
    if not left.is_text:
        raise BadRequest(f"The function '{function}' needs a text property; '{left.name}' is none.")
    if left.declared.collection:
        return any_element(left, text_function(function, left.element(), text))
    lowered = left.values.str.to_lowercase()
    match function:
        case "contains":
            found = lowered.str.contains(text.lower(), literal=True)
        case "startswith":
            found = lowered.str.starts_with(text.lower())
        case "endswith":
            found = lowered.str.ends_with(text.lower())
    return found.fill_null(value=False)


def any_element(collection: Operand, condition: pl.Expr) -> pl.Expr:
    """Return the rows where any element satisfies ``condition``, an expression over ``polars.element()``."""
    return collection.values.list.eval(_each(condition)).list.any().fill_null(value=False)


def every_element(collection: Operand, condition: pl.Expr) -> pl.Expr:
    """Return the rows where all elements (possibly none) satisfy ``condition``."""
    return collection.values.list.eval(_each(condition)).list.all().fill_null(value=True)


def _each(condition: pl.Expr) -> pl.Expr:
    # Without a reference to the element, a constant condition would add one to an empty list.
    return condition & (pl.element().is_null() | pl.element().is_not_null())


def _compare_null(left: Operand, comparator: Comparator) -> pl.Expr:
    match comparator:
        case "eq":
            return left.values.is_null()
        case "ne":
            return left.values.is_not_null()
    return left.values.is_null() & pl.lit(value=False)


def _compare_scalar(left: Operand, comparator: Comparator, value: str | float) -> pl.Expr:
    values, literal = left.values, pl.lit(value)
    if left.is_text:
        values, literal = values.str.to_lowercase(), pl.lit(str(value).lower())
    match comparator:
        case "eq":
            return values.eq_missing(literal)
        case "ne":
            return values.ne_missing(literal)
    return _ORDERING[comparator](values, literal).fill_null(value=False)
