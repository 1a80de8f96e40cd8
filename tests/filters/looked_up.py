"""A lookup with two words."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa


class Looked:
    """Implements :class:`opencasb.filters.tree.Lookup`."""

    def query(self) -> sa.Select[str]:
        """Return the query for the words."""
        return sa.select(sa.literal("ana")).union_all(sa.select(sa.literal("ben"))).subquery().select()

    def values(self) -> Collection[str]:
        """Return the words."""
        return {"ana", "ben"}
