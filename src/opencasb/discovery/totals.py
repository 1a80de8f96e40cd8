"""Counts users, addresses and devices per stream of a tenant, for all streams and periods in one pass over the lake.

Anyone present in a period was last seen in it, so the last day of each name in each stream suffices for every period.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from opencasb.lake.reading import collected

if TYPE_CHECKING:
    import polars as pl

PERIODS: Final = (7, 30, 60, 90)
"""Lengths in days, counted back from the newest day with usage."""

NAMES: Final = {"users": "user_id", "ip_addresses": "ip_id", "devices": "device_id"}
"""What is counted → column of usage."""

NONE: Final = dict.fromkeys(NAMES, 0)
WHOLE: Final = -1
"""Used as a stream key for the global report."""

Totals = Mapping[int, Mapping[int, Mapping[str, int]]]
"""Stream key → days → what is counted → distinct count."""


def totals_of(rows: pl.LazyFrame, feeding: Collection[int]) -> Totals:
    """Return the totals of each stream with ``rows`` of usage, and of all that feed the global report together."""
    found: dict[int, dict[int, dict[str, int]]] = {}
    for name, column in NAMES.items():
        for row in _counted(_last_days(rows, column), feeding).iter_rows(named=True):
            of_stream = found.setdefault(row["stream_key"], {days: {} for days in PERIODS})
            for days in PERIODS:
                of_stream[days][name] = row[str(days)]
    return found


def _last_days(rows: pl.LazyFrame, column: str) -> pl.DataFrame:
    """Return the last day of each id, and of rows without one, per stream."""
    import polars as pl

    last = rows.group_by("stream_key", pl.col(column).alias("id")).agg(pl.col("day").max())
    return collected(last)


def _counted(last: pl.DataFrame, feeding: Collection[int]) -> pl.DataFrame:
    """Return one row per stream, and one for the whole, with the number of ids in each period."""
    import polars as pl

    fed = last.filter(pl.col("stream_key").is_in(list(feeding)))
    whole = fed.group_by("id").agg(pl.col("day").max()).select(pl.lit(WHOLE, pl.Int64).alias("stream_key"), "id", "day")
    every = pl.concat([last, whole])
    aged = every.join(every.group_by("stream_key").agg(pl.col("day").max().alias("newest")), on="stream_key")
    age = (pl.col("newest") - pl.col("day")).dt.total_days()
    return aged.group_by("stream_key").agg(
        ((age < days) & pl.col("id").is_not_null()).sum().cast(pl.Int64).alias(str(days)) for days in PERIODS
    )
