"""Suites in the filters of files: Office 365 stands for its apps, as in the filters of activities (api §7.5)."""

from __future__ import annotations

from opencasb.activities.connected_apps import parts_of
from opencasb.filters.fields import FILES
from opencasb.filters.tree import Leaf, Node, OneOf, rewrite


def with_parts(filters: Node) -> Node:
    """Return filters in which the number of a suite also means the apps in it.

    The record of an activity names its app's suite, that of a file does not; yet clients offer both filters with the
    number of Office 365.
    """
    return rewrite(filters, _with_parts)


def _with_parts(leaf: Leaf) -> Node:
    if not (isinstance(leaf, OneOf) and leaf.field is FILES["service"]):
        return leaf
    return OneOf(leaf.field, tuple(part for app in leaf.values for part in (app, *parts_of(int(app)))))
