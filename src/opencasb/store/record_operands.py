"""Truncates filter operands to the length of the stored values that they are compared with.

Values are stored up to a maximum length, so a longer operand can equal only a truncated value. Two values that differ
only beyond that length are the same to the store; interpreters that read whole records tell them apart.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from opencasb.filters.tree import Leaf, Like, Node, OneOf, Other, rewrite

if TYPE_CHECKING:
    from opencasb.store.record_tables import RecordKind


def cut(node: Node, kind: RecordKind) -> Node:
    """Return a tree whose equality and prefix operands are no longer than what is stored.

    An operand sought inside a value or at its end stays whole: it matches only within what is stored.
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
