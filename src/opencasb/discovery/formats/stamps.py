"""When a line happened: the time it carries, else that of its syslog header (log-formats §1, timestamp)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.values import by_distinct
from opencasb.discovery.formats.wrappers import header_time

if TYPE_CHECKING:
    import polars as pl


def timestamps(rows: pl.DataFrame, written: pl.Expr, context: ParseContext) -> pl.Series:
    """Return ms since the epoch UTC of rows with ``header``: of the texts ``written``, each distinct one read once."""
    import polars as pl

    logged = rows.select(written.alias("time")).to_series()
    times = by_distinct(logged, lambda texts: pl.select(moment(pl.lit(texts), context))).to_series()
    if times.null_count():
        times = times.fill_null(rows.select(header_time(context)).to_series())
    return times
