"""The tree of a parsed filter, which means the same to every interpreter (api §6.3).

A field is the set of a record's values for a filter: one value for a scalar, empty if there is none. There are no
negative operators; they become :class:`Not` around the positive one, which also makes an empty field match.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from opencasb.filters.field import Field

Value = str | int | bool

GAP: Final = "\0"
"""The wildcard in the text of an ``around`` match; no operand contains this character."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval, unbounded where an end is None; ``strict`` excludes both ends."""

    start: int | None = None
    end: int | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of ``values``, or nothing if ``or_empty``."""

    field: Field
    values: tuple[Value, ...]
    or_empty: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """The field has a value outside ``values``."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """A value of the field contains, starts with or ends with one of ``texts``.

    ``around`` takes a text with one :data:`GAP`: the value starts with what precedes it and ends with what follows it.
    """

    field: Field
    how: Literal["contains", "starts", "ends", "around"]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """A value of the field is in one of ``ranges``."""

    field: Field
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A value of the field is between two texts, inclusive, in code point order."""

    field: Field
    spans: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """The field has no value."""

    field: Field


class Lookup(Protocol):
    """Values that are looked up when a tree is applied, such as the keys of all members of a group.

    They are too many, and change too often, to be stored in a tree. A client's filter never creates one.
    """

    def query(self) -> Any:  # an SQLAlchemy select, which this package avoids importing
        """Return the query for the values, to embed in a larger one."""

    def values(self) -> Collection[str]:
        """Return the values."""


@dataclass(frozen=True, slots=True)
class Among:
    """A value of the field is among those looked up."""

    field: Field
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Not:
    """The negation of ``node``."""

    node: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of ``nodes`` hold; true if empty."""

    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of ``nodes`` holds; false if empty."""

    nodes: tuple[Node, ...] = ()


Plain = OneOf | Other | Like | Within | Span | Empty
Leaf = Plain | Among
Node = Leaf | Not | AllOf | AnyOf

EVERYTHING = AllOf()
"""The filter that every record passes."""


def conjuncts(node: Node) -> tuple[Node, ...]:
    """Return the nodes that all have to hold, with nested :class:`AllOf` nodes flattened."""
    return tuple(inner for each in node.nodes for inner in conjuncts(each)) if isinstance(node, AllOf) else (node,)


def rewrite(node: Node, change: Callable[[Leaf], Node]) -> Node:
    """Return the tree with every leaf replaced by the result of ``change``."""
    match node:
        case Not(inner):
            return Not(rewrite(inner, change))
        case AllOf(nodes):
            return AllOf(tuple(rewrite(each, change) for each in nodes))
        case AnyOf(nodes):
            return AnyOf(tuple(rewrite(each, change) for each in nodes))
        case leaf:
            return change(leaf)


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield every leaf of a tree."""
    match node:
        case Not(inner):
            yield from leaves(inner)
        case AllOf(nodes) | AnyOf(nodes):
            for each in nodes:
                yield from leaves(each)
        case leaf:
            yield leaf


def either(nodes: Iterable[Node]) -> Node:
    """Return the disjunction of ``nodes``, merging leaves of the same kind on the same field.

    A thousand alternatives thus become one list of values in a query instead of a thousand conditions.
    """
    merged: dict[object, Node] = {}
    for node in nodes:
        for each in node.nodes if isinstance(node, AnyOf) else (node,):
            key = _sort_of(each)
            merged[key] = _joined(merged[key], each) if key in merged else each
    found = tuple(merged.values())
    return found[0] if len(found) == 1 else AnyOf(found)


def breadth(node: Node) -> int:
    """Return the number of alternatives side by side in a query, with which the depth of a statement grows."""
    match node:
        case AnyOf(nodes):
            return sum(breadth(each) for each in nodes)
        case Like() | Within() | Span():
            return size(node)
        case _:
            return 1


def size(node: Node) -> int:
    """Return the number of operands in a tree; ranges and spans count once."""
    return sum(_operands(leaf) for leaf in leaves(node))


def _operands(leaf: Leaf) -> int:
    match leaf:
        case OneOf(_, values) | Other(_, values):
            return len(values)
        case Like(_, _, texts):
            return len(texts)
        case Within(_, ranges):
            return len(ranges)
        case Span(_, spans):
            return len(spans)
        case Empty() | Among():
            return 0


def _sort_of(node: Node) -> object:
    match node:
        case OneOf(field) | Span(field):
            return type(node), id(field)
        case Like(field, how):
            return how, id(field)
        case _:
            return id(node), node


def _joined(first: Node, second: Node) -> Node:
    match first, second:
        case OneOf(_, values, or_empty), OneOf(_, more, or_none):
            return replace(first, values=values + more, or_empty=or_empty or or_none)
        case Like(_, _, texts), Like(_, _, others):
            return replace(first, texts=texts + others)
        case Span(_, spans), Span(_, beyond):
            return replace(first, spans=spans + beyond)
        case _:
            return AnyOf((first, second))
