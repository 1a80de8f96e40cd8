"""Trees are values, and can be rewritten."""

from __future__ import annotations

from opencasb.filters.fields import DISCOVERED_APPS, USER_ENTITY
from opencasb.filters.tree import AllOf, AnyOf, Leaf, Node, Not, OneOf, rewrite

APP, USER = DISCOVERED_APPS["appid"], OneOf(USER_ENTITY, ("ana",))


def test_a_rewrite_reaches_every_leaf_and_changes_nothing_else() -> None:
    """Leaves are replaced wherever they stand."""
    apps = OneOf(APP, (1, 2))

    def change(leaf: Leaf) -> Node:
        return apps if leaf == USER else leaf

    other = OneOf(APP, (3,))
    tree = AllOf((Not(USER), AnyOf((other, USER)), other))
    assert rewrite(tree, change) == AllOf((Not(apps), AnyOf((other, apps)), other))
    assert rewrite(USER, change) == apps
