"""The Python interpreter: tests a single record against a filter tree.

A record maps the same columns that the other interpreters read: to a list (or any collection) for a many-valued field,
to None, or not at all, where there is no value.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

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


def holds(node: Node, record: Mapping[str, Any]) -> bool:  # values of any column
    """Return whether a record passes a tree."""
    match node:
        case AllOf(nodes):
            return all(holds(each, record) for each in nodes)
        case AnyOf(nodes):
            return any(holds(each, record) for each in nodes)
        case Not(inner):
            return not holds(inner, record)
        case Among(field, lookup):
            return not set(_values(field, record.get(field.column))).isdisjoint(lookup.values())
        case leaf:
            return _leaf(leaf, _values(leaf.field, record.get(leaf.field.column)))


def _values(field: Field, value: Any) -> Collection[Any]:  # of any column
    """Return the values of a field, empty if there are none."""
    if value is None:
        return ()
    found = value if field.many else (value,)
    if field.folded:
        return [each.lower() for each in found]
    return [str(each) for each in found] if field.many and field.kind is Kind.INTEGER else found


def _leaf(leaf: Plain, have: Collection[Any]) -> bool:
    match leaf:
        case OneOf(_, values, or_empty):
            return any(each in values for each in have) or (or_empty and not have)
        case Other(_, values):
            return any(each not in values for each in have)
        case Like(_, how, texts):
            return _any(_LIKE[how], have, texts)
        case Within(_, ranges):
            return _any(_is_within, have, ranges)
        case Span(_, spans):
            return any(first <= each <= last for each in have for first, last in spans)
        case Empty():
            return not have


def _any(test: Callable[[Any, Any], bool], have: Collection[Any], wanted: Sequence[Any]) -> bool:
    return any(test(each, one) for each in have for one in wanted)


def _goes_around(value: str, text: str) -> bool:
    head, _, tail = text.partition(GAP)
    return value.startswith(head) and value.endswith(tail)


def _is_within(value: int, between: Range) -> bool:
    start, end = between.start, between.end
    if between.strict:
        return (start is None or value > start) and (end is None or value < end)
    return (start is None or value >= start) and (end is None or value <= end)


_LIKE: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": lambda value, text: text in value,
    "starts": str.startswith,
    "ends": str.endswith,
    "around": _goes_around,
}
