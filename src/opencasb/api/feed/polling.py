"""How often waiting feed calls look for changes: the server's polls are shared among tenants, then their calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

POLL_SECONDS: Final = 0.25
"""Shortest interval between two polls of a waiting call; other processes write too, so no event here could wake it."""

POLLS_PER_SECOND: Final = 80
"""Most polls of all waiting calls together. On SQLite a poll takes about a millisecond that no other request has."""


class Polling:
    """The waiting calls of this process, by tenant; used by the event loop only."""

    def __init__(self) -> None:
        self._waiting: Counter[int] = Counter()

    @contextmanager
    def call(self, tenant_id: int) -> Iterator[None]:
        """Count a call of a tenant while it waits."""
        self._waiting[tenant_id] += 1
        try:
            yield
        finally:
            self._waiting[tenant_id] -= 1
            if not self._waiting[tenant_id]:
                del self._waiting[tenant_id]

    def interval(self, tenant_id: int) -> float:
        """Return the seconds until a tenant's waiting call polls again.

        Each tenant with waiting calls has the same share of the polls, however many of them it has.
        """
        return max(POLL_SECONDS, self._waiting[tenant_id] * len(self._waiting) / POLLS_PER_SECOND)
