"""Count lesser records only if the log has no better record of the same connection (log-formats §1).

A firewall may log the start of a connection, its end or both, or an application log beside the session log. The lesser
record stands in for the better one unless that arrives, before or after it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import nothing
from opencasb.model.transaction import COLUMNS

CONNECTION: Final = "connection"
"""UInt64, equal on the records of one connection; null if a record is final whatever follows."""

STANDS_IN: Final = "stands_in"
"""Whether the record is the lesser one."""

WAITING_LIMIT: Final = 200_000
"""Stand-ins that may wait, and connections remembered; beyond that the oldest stand-ins count."""

_COUNTED: Final = "counted with its session"


class StandIns:
    """Hold back the stand-ins of one file until its end, or until the better record of their connection arrives."""

    def __init__(self, limit: int = WAITING_LIMIT) -> None:
        self._limit = limit
        self._waiting: pl.DataFrame | None = None
        self._recorded: pl.DataFrame | None = None

    def feed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take rows (COLUMNS and others, CONNECTION, STANDS_IN); return the finished ones without these two columns.

        If no row belongs to a connection, the two columns may be missing.
        """
        if STANDS_IN not in rows.columns:
            return rows
        keyed = pl.col(CONNECTION).is_not_null()
        lesser = rows.filter(keyed & pl.col(STANDS_IN))
        finished = rows.filter(~(keyed & pl.col(STANDS_IN)).fill_null(value=False))
        recorded = self._remember(finished.filter(keyed).select(CONNECTION))
        waiting = lesser if self._waiting is None else pl.concat([self._waiting, lesser], how="diagonal")
        told = waiting.join(recorded, on=CONNECTION, how="semi").with_columns(pl.lit(_COUNTED).alias("ignored"))
        waiting = waiting.join(recorded, on=CONNECTION, how="anti", maintain_order="left")
        excess = max(waiting.height - self._limit, 0)
        self._waiting = waiting.slice(excess)
        return pl.concat([finished, told, waiting.head(excess)], how="diagonal").drop(CONNECTION, STANDS_IN)

    def finish(self) -> pl.DataFrame:
        """Return the stand-ins (COLUMNS) whose better record never arrived."""
        waiting, self._waiting = self._waiting, None
        return nothing() if waiting is None else waiting.select(COLUMNS)

    def _remember(self, keys: pl.DataFrame) -> pl.DataFrame:
        known = keys if self._recorded is None else pl.concat([self._recorded, keys])
        self._recorded = known.unique(keep="last", maintain_order=True).tail(self._limit)
        return known.unique()
