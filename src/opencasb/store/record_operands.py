"""Operands of filters as long as the values that they are compared with are stored.

A value is stored up to a length, so the beginning of a longer operand is all that it can be equal to. Two values that
differ only behind that are one to the store; interpreters that read whole records tell them apart.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from opencasb.filters.tree import Leaf, Like, Node, OneOf, Other, rewrite

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
        case OneOf(_, values) | Other(_, values):
            return replace(leaf, values=tuple(each[:longest] if isinstance(each, str) else each for each in values))
        case Like(_, "starts", texts):
            return replace(leaf, texts=tuple(text[:longest] for text in texts))
        case _:
            return leaf
