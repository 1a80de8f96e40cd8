"""Trees are values and can be rewritten."""

from __future__ import annotations

from dataclasses import replace

from opencasb.filters.field import Kind, column
from opencasb.filters.fields import DISCOVERED_APPS, USER_ENTITY
from opencasb.filters.tree import (
    AllOf,
    AnyOf,
    Empty,
    Leaf,
    Like,
    Node,
    Not,
    OneOf,
    Other,
    Range,
    Span,
    Within,
    breadth,
    either,
    leaves,
    rewrite,
    size,
)

APP, USER = DISCOVERED_APPS["appid"], OneOf(USER_ENTITY, ("ana",))


def test_a_rewrite_reaches_every_leaf_and_changes_nothing_else() -> None:
    """Leaves are replaced at any depth."""
    apps = OneOf(APP, (1, 2))

    def change(leaf: Leaf) -> Node:
        return apps if leaf == USER else leaf

    other = OneOf(APP, (3,))
    tree = AllOf((Not(USER), AnyOf((other, USER)), other))
    assert rewrite(tree, change) == AllOf((Not(apps), AnyOf((other, apps)), other))
    assert rewrite(USER, change) == apps


def test_alternatives_that_ask_the_same_of_a_field_are_one_leaf() -> None:
    """Values of one field become one list; different fields and comparisons stay separate, at any nesting."""
    first, second = column("first"), column("second")
    starts, spans = Like(first, "starts", ("a",)), Span(first, (("a", "b"),))
    merged = either(
        [
            OneOf(first, ("a",)),
            AnyOf((OneOf(second, ("a",)), OneOf(first, ("b",), or_empty=True))),
            starts,
            replace(starts, texts=("b",)),
            replace(starts, how="ends"),
            spans,
            spans,
            Empty(first),
            Not(Empty(first)),
        ]
    )
    assert merged == AnyOf(
        (
            OneOf(first, ("a", "b"), or_empty=True),
            OneOf(second, ("a",)),
            Like(first, "starts", ("a", "b")),
            Like(first, "ends", ("a",)),
            Span(first, (("a", "b"), ("a", "b"))),
            Empty(first),
            Not(Empty(first)),
        )
    )
    assert either([]) == AnyOf()
    assert either([starts]) is starts


def test_fields_of_one_column_stay_apart() -> None:
    """A separate field makes a condition recognisable."""
    one, same = OneOf(column("a"), ("x",)), OneOf(column("a"), ("y",))
    assert either([one, same]) == AnyOf((one, same))


def test_the_size_of_a_tree_is_known() -> None:
    """Operands are counted, and alternatives that become separate conditions."""
    field = column("a", Kind.INTEGER)
    values, ranges = OneOf(field, (1, 2, 3)), Within(field, (Range(1), Range(2)))
    tree = AllOf((Not(values), AnyOf((ranges, Empty(field), Other(field, (1,)), Span(field, (("a", "b"),))))))
    assert list(leaves(tree)) == [values, ranges, Empty(field), Other(field, (1,)), Span(field, (("a", "b"),))]
    assert size(tree) == 3 + 2 + 0 + 1 + 1
    assert breadth(AnyOf((values, ranges, tree))) == 1 + 2 + 1
    assert breadth(AllOf()) == breadth(Not(ranges)) == 1
