"""When a line happened: the time it carries, else that of its syslog header (log-formats §1, timestamp)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.values import by_distinct
from opencasb.discovery.formats.wrappers import HEADER, header_time

if TYPE_CHECKING:
    import polars as pl

_WITH_OFFSET: Final = r"(?s)^.*\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d) "
_CLOCK: Final = 19
"""Characters of ``2024-01-15T10:20:30``."""
_SOON_MS: Final = 600_000
"""A record is sent within ten minutes; the clocks of two zones are a quarter of an hour apart at least."""


def timestamps(rows: pl.DataFrame, written: pl.Expr, context: ParseContext) -> pl.Series:
    """Return ms since the epoch UTC of rows with ``header``: of the texts ``written``, each distinct one read once."""
    logged = rows.select(written.alias("time")).to_series()
    times = _by_text(logged, context)
    if times.null_count():
        times = times.fill_null(rows.select(header_time(context)).to_series())
    return times


def in_zone_of_header(rows: pl.DataFrame, logged: pl.Series, context: ParseContext) -> pl.Series:
    """Return ms since the epoch UTC of local times ``logged``, one a row of rows with ``header``.

    A header with an offset tells the zone of a device whose clock showed, in that offset, about the time in the record.
    Other records are in the zone of the context.
    """
    times = _by_text(logged, context)
    sent = rows[HEADER].str.extract(_WITH_OFFSET)
    if sent.null_count() == len(sent):
        return times
    utc = replace(context, timezone="UTC")
    clock, shown = _by_text(logged, utc), _by_text(sent.str.head(_CLOCK), utc)
    same = ((clock - shown).abs() <= _SOON_MS).fill_null(value=False)
    moved = clock - shown + _by_text(sent.str.replace(r"\.\d+", ""), utc)
    return moved.zip_with(same, times)


def _by_text(texts: pl.Series, context: ParseContext) -> pl.Series:
    import polars as pl

    return by_distinct(texts.alias("time"), lambda some: pl.select(moment(pl.lit(some), context))).to_series()
