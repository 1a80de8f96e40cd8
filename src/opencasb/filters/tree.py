"""The tree of a parsed filter: what every interpreter gives one and the same meaning (api §6.3).

A field is the set of a record's values for a filter: of one value for a scalar, empty where there is none. Negative
operators do not occur; they are :class:`Not` around the positive one, which is also what makes an empty field match.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from opencasb.filters.fields import Field

Value = str | int | bool


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
    """A value of the field contains, starts with or ends with one of ``texts``."""

    field: Field
    how: Literal["contains", "starts", "ends"]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """A value of the field lies in one of ``ranges``."""

    field: Field
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Empty:
    """The field has no value."""

    field: Field


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


Leaf = OneOf | Other | Like | Within | Empty
Node = Leaf | Not | AllOf | AnyOf

EVERYTHING = AllOf()
"""The filter that every record passes."""


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
