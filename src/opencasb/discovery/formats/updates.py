"""Merge the records in which a firewall reports the same connection repeatedly, each with all that is known so far.

Only the last one counts: its sizes are totals. Records without sizes all count. A record that has sizes or may get them
from later ones is held back until the log ends or too many newer ones arrive, since nothing in it says whether it is
the last.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import nothing
from opencasb.discovery.formats.sessions import SESSION
from opencasb.model.transaction import COLUMNS, DOWNLOADED, LINE, TEXT_COLUMNS, TIMESTAMP, TOTAL, UPLOADED

WAITING_LIMIT: Final = 100_000
"""Records that may yet be updated; beyond that the oldest come out."""

RECORD_ID: Final = "record_id"
"""UInt64, equal on a record and what only adds sizes to it; null on a row that does neither."""

_REASON: Final = "told again later"
_SIZES: Final = (UPLOADED, DOWNLOADED, TOTAL)


class Updates:
    """Hold back the records of one file that a later one may replace."""

    def __init__(self, limit: int = WAITING_LIMIT) -> None:
        self._limit = limit
        self._waiting: pl.DataFrame | None = None

    def feed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take rows (COLUMNS, SESSION, RECORD_ID) in batch order; return the finished ones (COLUMNS).

        Rows without SESSION are finished; if no row has one, the last two columns may be missing. Those with RECORD_ID
        give their sizes, which are totals, to the one record before them that has the same.
        """
        if SESSION not in rows.columns:
            return rows.select(COLUMNS)
        named = rows[SESSION].is_not_null()
        told = rows.filter(named).sort(LINE)
        waiting = told if self._waiting is None else pl.concat([self._waiting, told])
        replaced, waiting = _last(waiting)
        waiting = _with_sizes(waiting, rows.filter(~named & rows[RECORD_ID].is_not_null()))
        excess = max(waiting.height - self._limit, 0)
        self._waiting = waiting.slice(excess)
        return pl.concat([part.select(COLUMNS) for part in (rows.filter(~named), replaced, waiting.head(excess))])

    def finish(self) -> pl.DataFrame:
        """Return the records that nothing replaced."""
        waiting, self._waiting = self._waiting, None
        return nothing() if waiting is None else waiting.select(COLUMNS)


def _with_sizes(rows: pl.DataFrame, updates: pl.DataFrame) -> pl.DataFrame:
    """Give rows the sizes of their updates; ids that several rows have were masked, and tell nothing."""
    if updates.is_empty():
        return rows
    newest = updates.group_by(RECORD_ID).agg(pl.col(_SIZES).max().name.suffix("_then"))
    known = rows.join(newest, on=RECORD_ID, how="left", maintain_order="left")
    alone = known.select(pl.col(RECORD_ID).is_unique()).to_series()
    then = (pl.when(alone).then(pl.max_horizontal(name, f"{name}_then")).otherwise(name).alias(name) for name in _SIZES)
    return known.with_columns(then).select(rows.columns)


def _last(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split rows (COLUMNS, SESSION) into superseded ones, which are ignored, and last ones, completed from them."""
    again = rows[SESSION].is_duplicated()
    if not again.any():
        return rows.clear(), rows
    sized = pl.any_horizontal(pl.col(_SIZES).is_not_null()).any().over(SESSION)
    again &= rows.select(sized).to_series()
    chains = rows.filter(again)
    is_last = pl.col(LINE) == pl.col(LINE).max().over(SESSION)
    blocked = (pl.col("action") == "block").any().over(SESSION)
    completed = chains.with_columns(
        pl.col(TIMESTAMP, *TEXT_COLUMNS).forward_fill().over(SESSION),
        pl.col(_SIZES).max().over(SESSION),  # totals only grow, and the newest line may come first
    ).with_columns(pl.when(blocked).then(pl.lit("block")).otherwise("action").alias("action"))
    replaced = chains.filter(~is_last).with_columns(pl.lit(_REASON).alias("ignored"))
    return replaced, pl.concat([rows.filter(~again), completed.filter(is_last)]).sort(LINE)
