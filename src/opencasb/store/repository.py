"""What repositories begin with: each keeps things of one sort, of every tenant."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.store.database import Database


class Repository:
    """Reads and writes a database."""

    def __init__(self, database: Database) -> None:
        self._database = database


class TimedRepository(Repository):
    """Notes when things happen, too; ``clock`` tells the time in ms since the epoch UTC."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database)
        self._clock = clock
