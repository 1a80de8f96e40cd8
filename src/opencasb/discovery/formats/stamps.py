"""When a line happened: the time it carries, else that of its syslog header (log-formats §1, timestamp)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.values import map_distinct
from opencasb.discovery.formats.wrappers import HEADER, header_time

_WITH_OFFSET: Final = r"(?s)^.*\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d) "
_CLOCK: Final = 19
"""Characters of ``2024-01-15T10:20:30``."""
_SOON_MS: Final = 600_000
"""A record is sent within ten minutes; the clocks of two zones are a quarter of an hour apart at least."""


def timestamps(rows: pl.DataFrame, written: pl.Expr, context: ParseContext) -> pl.Series:
    """Return ms since the epoch UTC of rows with ``header``: of the texts ``written``, each distinct one read once."""
    logged = rows.select(written.alias("time")).to_series()
    return else_of_header(read_times(logged, context), rows, context)


def else_of_header(times: pl.Series, rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Return ms since the epoch UTC, those that are null from the header of their row (``header``)."""
    return times.fill_null(rows.select(header_time(context)).to_series()) if times.null_count() else times


def in_zone_of_header(rows: pl.DataFrame, logged: pl.Series, context: ParseContext) -> pl.Series:
    """Return ms since the epoch UTC of local times ``logged``, one a row of rows with ``header``.

    A header with an offset tells the zone of a device whose clock showed, in that offset, about the time in the record.
    Other records are in the zone of the context.
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
    """Return ms since the epoch UTC of texts, each distinct one read once."""
    return map_distinct(texts.alias("time"), lambda some: pl.select(moment(pl.lit(some), context))).to_series()
