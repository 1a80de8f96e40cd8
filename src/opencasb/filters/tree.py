"""The tree of a parsed filter: what every interpreter gives one and the same meaning (api §6.3).

A field is the set of a record's values for a filter: of one value for a scalar, empty where there is none. Negative
operators do not occur; they are :class:`Not` around the positive one, which is also what makes an empty field match.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from opencasb.filters.field import Field

Value = str | int | bool

GAP: Final = "\0"
"""What may be anything in a text that values go ``around``; no operand has this character."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None is open. ``strict`` leaves both ends out."""

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

    It goes ``around`` a text with one :data:`GAP` if it starts with what is before and ends with what is behind.
    """

    field: Field
    how: Literal["contains", "starts", "ends", "around"]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """A value of the field lies in one of ``ranges``."""

    field: Field
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A value of the field lies between two texts, ends included, in the order of code points."""

    field: Field
    spans: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """The field has no value."""

    field: Field


class Lookup(Protocol):
    """Values that are looked up where a tree is applied, such as the keys of everybody in a group.

    No filter of a client makes one; they are too many, and change too often, to be written into a tree.
    """

    def query(self) -> Any:  # a select of SQLAlchemy, which this package does without where it can
        """Return the query of the values, for a larger one."""

    def values(self) -> Collection[str]:
        """Return the values."""


@dataclass(frozen=True, slots=True)
class Among:
    """A value of the field is one of those that are looked up."""

    field: Field
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    node: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of ``nodes`` holds; true if there is none."""

    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of ``nodes`` holds; false if there is none."""

    nodes: tuple[Node, ...] = ()


Plain = OneOf | Other | Like | Within | Span | Empty
Leaf = Plain | Among
Node = Leaf | Not | AllOf | AnyOf

EVERYTHING = AllOf()
"""The filter that every record passes."""


def conjuncts(node: Node) -> tuple[Node, ...]:
    """Return the nodes that all have to hold, none of which is an :class:`AllOf`."""
    return tuple(inner for each in node.nodes for inner in conjuncts(each)) if isinstance(node, AllOf) else (node,)


def rewrite(node: Node, change: Callable[[Leaf], Node]) -> Node:
    """Return the tree with every leaf replaced by what ``change`` makes of it."""
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
    """Return every leaf of a tree."""
    match node:
        case Not(inner):
            yield from leaves(inner)
        case AllOf(nodes) | AnyOf(nodes):
            for each in nodes:
                yield from leaves(each)
        case leaf:
            yield leaf


def either(nodes: Iterable[Node]) -> Node:
    """Return what holds if one of ``nodes`` does; leaves that ask the same of one field become one leaf.

    A thousand alternatives are so one list of values in a query, and not a thousand conditions.
    """
    merged: dict[object, Node] = {}
    for node in nodes:
        for each in node.nodes if isinstance(node, AnyOf) else (node,):
            key = _sort_of(each)
            merged[key] = _joined(merged[key], each) if key in merged else each
    found = tuple(merged.values())
    return found[0] if len(found) == 1 else AnyOf(found)


def breadth(node: Node) -> int:
    """Return how many alternatives stand beside each other in a query: what the depth of a statement grows with."""
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
