"""Ignore connection starts in logs that also record the ends (log-formats §1).

Some firewalls are configured to log only the start of allowed connections. Such a start counts, but only if the log
records no ends at all, so starts are held back until that is known.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import nothing
from opencasb.discovery.formats.sessions import RECORD
from opencasb.model.transaction import COLUMNS

START: Final = "start"
END: Final = "end"

WAITING_LIMIT: Final = 200_000
"""Starts seen without any end after which the log is taken to have none."""

_REASON: Final = "connection start"


class Starts:
    """Hold back the starts of one file until its first connection end, or until end of file."""

    def __init__(self, limit: int = WAITING_LIMIT) -> None:
        self._limit = limit
        self._has_ends = False
        self._waiting: pl.DataFrame | None = None

    def feed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take rows (COLUMNS, and RECORD: ``start``, ``end`` or null); return the finished ones (COLUMNS)."""
        if RECORD not in rows.columns:
            return rows.select(COLUMNS)
        used = pl.col("ignored").is_null() & pl.col("rejected").is_null()
        is_start = rows.select((used & (pl.col(RECORD) == START)).fill_null(value=False)).to_series()
        self._has_ends = self._has_ends or bool((rows[RECORD] == END).any())
        starts, others = rows.filter(is_start).select(COLUMNS), rows.filter(~is_start).select(COLUMNS)
        waiting = starts if self._waiting is None else pl.concat([self._waiting, starts])
        if self._has_ends:
            self._waiting = None
            return pl.concat([others, waiting.with_columns(pl.lit(_REASON).alias("ignored"))])
        excess = max(waiting.height - self._limit, 0)
        self._waiting = waiting.slice(excess)
        return pl.concat([others, waiting.head(excess)])

    def finish(self) -> pl.DataFrame:
        """Return the starts of a log without ends."""
        waiting, self._waiting = self._waiting, None
        return nothing() if waiting is None else waiting
