"""Tell when a line happened: its own time, otherwise that of its syslog header (log-formats §1, timestamp)."""

from __future__ import annotations

from typing import Final

import polars as pl
from msgspec.structs import replace

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.values import map_distinct
from opencasb.discovery.formats.wrappers import HEADER, header_time

_WITH_OFFSET: Final = r"(?s)^.*\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d) "
_CLOCK: Final = 19
"""Characters of ``2024-01-15T10:20:30``."""
_SOON_MS: Final = 600_000
"""Records are sent within ten minutes; the clocks of two zones differ by at least a quarter of an hour."""


def timestamps(rows: pl.DataFrame, written: pl.Expr, context: ParseContext) -> pl.Series:
    """Return ms since the epoch, UTC: each distinct ``written`` text parsed once, else the ``header`` of the row."""
    logged = rows.select(written.alias("time")).to_series()
    return else_of_header(read_times(logged, context), rows, context)


def else_of_header(times: pl.Series, rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Fill null times (ms since the epoch, UTC) from the ``header`` of their row."""
    return times.fill_null(rows.select(header_time(context)).to_series()) if times.null_count() else times


def in_zone_of_header(rows: pl.DataFrame, logged: pl.Series, context: ParseContext) -> pl.Series:
    """Return ms since the epoch, UTC, of the local times ``logged``, one per row of ``rows``, which have ``header``.

    A header with an offset gives the device's zone if its clock, in that offset, roughly agrees with the time in the
    record. Other records are in the context's zone.
    """
    times = read_times(logged, context)
    sent = rows[HEADER].str.extract(_WITH_OFFSET)
    if sent.null_count() == len(sent):
        return times
    utc = replace(context, timezone="UTC")
    clock, shown = read_times(logged, utc), read_times(sent.str.head(_CLOCK), utc)
    same = ((clock - shown).abs() <= _SOON_MS).fill_null(value=False)
    moved = clock - shown + read_times(sent.str.replace(r"\.\d+", ""), utc)
    return moved.zip_with(same, times)


def read_times(texts: pl.Series, context: ParseContext) -> pl.Series:
    """Return ms since the epoch, UTC, of texts, each distinct one parsed once."""
    return map_distinct(texts.alias("time"), lambda some: pl.select(moment(pl.lit(some), context))).to_series()
