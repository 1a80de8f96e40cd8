"""Operands of filters as long as the values that they are compared with are stored.

A value is stored up to a length, so the beginning of a longer operand is all that it can be equal to. Two values that
differ only behind that are one to the store; interpreters that read whole records tell them apart.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from opencasb.filters.tree import Leaf, Like, Node, OneOf, Other, Value, rewrite

if TYPE_CHECKING:
    from opencasb.store.record_tables import RecordKind


def cut(node: Node, kind: RecordKind) -> Node:
    """Return a tree with no operand that is longer than what is stored, where a value is that or begins with it.

    What is to stand inside a value or at its end stays whole: it is found only in what is stored.
    """
    return rewrite(node, partial(_cut, kind))


def _cut(kind: RecordKind, leaf: Leaf) -> Leaf:
    longest = kind.longest(leaf.field.column)
    match leaf:
        case OneOf(_, values) | Other(_, values) if any(_is_longer(each, longest) for each in values):
            return replace(leaf, values=tuple(_short(each, longest) for each in values))
        case Like(_, "starts", texts) if any(_is_longer(each, longest) for each in texts):
            return replace(leaf, texts=tuple(text[:longest] for text in texts))
        case _:
            return leaf


def _is_longer(value: Value, longest: int | None) -> bool:
    return longest is not None and isinstance(value, str) and len(value) > longest


def _short(value: Value, longest: int | None) -> Value:
    return value[:longest] if isinstance(value, str) else value
