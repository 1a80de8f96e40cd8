"""Parse the times of log lines into ms since the epoch, UTC (log-formats §1, timestamp).

There are two entry points: :func:`epoch` for columns that are always Unix time, :func:`moment` for any other form. Both
yield null for a text that is not a time. A textual time is split into date, clock and zone; only the few distinct dates
and zones are parsed in Python (:mod:`opencasb.discovery.formats.dates`), the rest is column arithmetic.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.dates import Reading, read_date

LATEST_MS: Final = 253_402_300_800_000
"""The year 10000; anything later is not a time."""

_HOUR: Final = 3_600_000
_SHAPES: Final = (
    (r"^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d", 10),
    (r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d", 6),
    (r"^[A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d", 11),
    (r"^\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d", 11),
    (r"^\d\d[/.-]\d\d[/.-]\d{4} \d\d:\d\d:\d\d", 10),
    (r"^\d\d[A-Z][a-z]{2}\d{4} \d\d:\d\d:\d\d", 9),
    (r"^\d{4}:\d\d:\d\d-\d\d:\d\d:\d\d", 10),
)
"""The usual forms with the width of their date: texts of one form are sliced by position, at a tenth of the cost."""

_PLAIN: Final = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "%Y/%m/%d %H:%M:%S"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "%Y-%m-%dT%H:%M:%S"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "%Y-%m-%dT%H:%M:%SZ"),
    (r"[A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d", "%b %d %Y %H:%M:%S"),
    (r"\d\d[A-Z][a-z]{2}\d{4} \d\d:\d\d:\d\d", "%d%b%Y %H:%M:%S"),
)
"""Fixed-length forms that Polars parses itself, at a quarter of the cost of slicing them."""

_COMPACT: Final = r"^((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])T?([01]\d|2[0-3])([0-5]\d)([0-5]\d)"
"""``20251120T110000``, also without the ``T``: read as Unix time in ms it would be centuries ahead."""
_ANY_FORM: Final = (
    r"^\s*(?P<date>.*?)(?:[T :\-\t]+(?P<clock>\d{1,2}:\d\d:\d\d)|[T \t]+(?P<short>\d{1,2}:\d\d)(?:$|[^:\d]))"
    r"(?P<rest>.*)$"
)


def epoch(text: pl.Expr) -> pl.Expr:
    """Return Unix time in ms, inferring the unit from the magnitude: s (also with a fraction), ms, µs or ns."""
    value = text.cast(pl.Float64, strict=False)
    scale = (
        pl.when(value < 1e11).then(1000.0).when(value < 1e14).then(1.0).when(value < 1e17).then(1e-3).otherwise(1e-6)
    )
    # a hundredth of a ms compensates for binary fractions such as 1461576382.642
    ms = (value * scale + 0.01).floor()
    return pl.when((value >= 1e8) & (ms < LATEST_MS)).then(ms).cast(pl.Int64)


def seconds(text: pl.Expr) -> pl.Expr:
    """Return Unix time in seconds, with or without a fraction, as ms: the fast path of :func:`epoch`."""
    return text.map_batches(_seconds, return_dtype=pl.Int64, is_elementwise=True)


def _seconds(text: pl.Series) -> pl.Series:
    """Parse the numbers once: an expression would parse them again for each bound."""
    ms = (text.cast(pl.Float64, strict=False) * 1000.0 + 0.01).cast(pl.Int64, strict=False)
    return ms.set(~ms.is_between(1, LATEST_MS - 1), None)


def date_and_clock(date: pl.Expr, clock: pl.Expr) -> pl.Expr:
    """Return ms for ``2024-01-15`` and ``10:20:30``, both UTC: the fast path for W3C files."""
    both = pl.concat_str(date, clock, separator="T")
    return both.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="ms", strict=False).cast(pl.Int64)


def moment(text: pl.Expr, context: ParseContext) -> pl.Expr:
    """Return ms for a time in any common form.

    Unix time in s, ms, µs, ns; ISO 8601 with ``T`` or blank; ``10/Oct/2000:13:55:36 -0700``; ``Oct 10 2000 13:55:36.1
    [GMT|EST|+02:00]``; ``Tue Oct 10 13:55:36 2000``; ``Oct 10 13:55:36`` (year by the year rule);
    ``2015:01:13-12:29:20``; ``10Dec2019 23:44:49``; ``20191210234449``; ``22/03/2017 11:42:03 AM``, ``9/16/19 10:00``
    (``context.day_first`` decides ambiguous dates). A time without a zone is local time in ``context.timezone``.
    """
    return text.map_batches(lambda series: _moments(series, context), return_dtype=pl.Int64, is_elementwise=True)


def local(naive: pl.Expr, timezone: str) -> pl.Expr:
    """Convert ``naive`` local ms to UTC ms, taking the earlier of a repeated hour and the later of a skipped one."""
    if timezone in {"UTC", "Etc/UTC", "GMT"}:
        return naive

    def convert(ms: pl.Expr) -> pl.Expr:
        at_place = ms.cast(pl.Datetime("ms")).dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        return at_place.dt.epoch("ms")

    return pl.coalesce(convert(naive), convert(naive - _HOUR) + _HOUR)


def _moments(series: pl.Series, context: ParseContext) -> pl.Series:
    if re.match(rf"{_COMPACT}(?:\D|$)", str(series.drop_nulls().first()), re.ASCII):
        series = series.str.replace(_COMPACT, "${1}-${2}-${3}T${4}:${5}:${6}")
    whole = series.cast(pl.Int64, strict=False)
    if whole.null_count() == series.null_count() and whole.is_between(10**11, 10**14, closed="left").all():
        return whole  # all in ms, as most appliances write them
    plain = _plain(series, context)
    if plain is not None:
        return plain
    text = series.alias("text").to_frame()
    if series.cast(pl.Float64, strict=False).null_count() == len(series):
        return _textual(_cut(text), context)
    numeric = text.select(epoch(pl.col("text"))).to_series()
    if numeric.null_count() == series.null_count():
        return numeric
    textual = _textual(_cut(text), context)
    return textual if numeric.null_count() == len(series) else numeric.zip_with(numeric.is_not_null(), textual)


def _plain(series: pl.Series, context: ParseContext) -> pl.Series | None:
    """Return the times of texts that all share one plain form; None if any does not."""
    first = str(series.drop_nulls().first())
    form = next((form for shape, form in _PLAIN if re.fullmatch(shape, first, re.ASCII)), None)
    if form is None or not (series.str.len_bytes() == len(first)).all():
        return None
    naive = series.str.to_datetime(form, time_unit="ms", strict=False).cast(pl.Int64)
    if naive.null_count() > series.null_count() or not naive.is_between(1, LATEST_MS).all():
        return None
    return naive if form.endswith("Z") else pl.select(local(pl.lit(naive), context.timezone)).to_series()


def _cut(rows: pl.DataFrame) -> pl.DataFrame:
    """Split ``text`` into date, clock, fraction (text, may be null) and zone."""
    text = pl.col("text")
    first = rows["text"].drop_nulls().first()
    for shape, width in _SHAPES:
        if re.match(shape, str(first), re.ASCII) and rows.select(text.str.contains(shape).all()).item():
            clock, rest = text.str.slice(width + 1, 8).alias("clock"), text.str.slice(width + 9).alias("rest")
            return _with_fraction(rows.select(text.str.head(width).alias("date"), clock, rest))
    parts = rows.select(text.str.extract_groups(_ANY_FORM)).unnest("text")
    return _with_fraction(parts.with_columns(pl.coalesce("clock", pl.col("short") + ":00").alias("clock")))


def _with_fraction(parts: pl.DataFrame) -> pl.DataFrame:
    rest = pl.col("rest")
    if not parts.select(rest.str.contains("^[.,]").any()).item():
        return parts.with_columns(pl.lit(None, pl.String).alias("fraction"), rest.alias("zone"))
    groups = rest.str.extract_groups(r"^(?:[.,](?P<fraction>\d{1,9}))?(?P<zone>.*)$").alias("_groups")
    return parts.with_columns(groups).unnest("_groups")


def _textual(parts: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Add clock, fraction and zone to the date; without a year, use the older date if the newer is in the future."""
    day, earlier, half, offset = pl.col("day"), pl.col("earlier"), pl.col("half"), pl.col("offset")
    fraction = (pl.lit("0.") + pl.col("fraction")).cast(pl.Float64, strict=False).fill_null(0.0)
    of_day = _clock(pl.col("clock")) + (fraction * 1000 + 0.0001).floor().cast(pl.Int64)
    readings = _read_distinct(parts, context)
    rows = parts.with_columns(of_day.alias("of_day"))
    rows = rows.join(readings, on=["date", "zone"], how="left", maintain_order="left", nulls_equal=True)
    rows = rows.with_columns(
        pl.when(half.is_not_null()).then(pl.col("of_day") % (12 * _HOUR) + half).otherwise("of_day")
    )
    too_new = earlier.is_not_null() & (day + pl.col("of_day") > _newest_local(context))
    rows = rows.with_columns((pl.when(too_new).then(earlier).otherwise(day) + pl.col("of_day")).alias("naive"))
    naive = pl.col("naive")
    in_zone = (
        naive - offset
        if not rows["offset"].null_count()
        else pl.coalesce(naive - offset, local(naive, context.timezone))
    )
    rows = rows.with_columns(in_zone.alias("utc"))
    return rows.select(pl.when(pl.col("utc").is_between(1, LATEST_MS)).then("utc")).to_series()


def _clock(clock: pl.Expr) -> pl.Expr:
    """Return ms since midnight for ``9:20:30`` or ``09:20:30``."""

    def number(text: pl.Expr) -> pl.Expr:
        return text.cast(pl.Int64, strict=False)

    hours, minutes, seconds = number(clock.str.head(-6)), number(clock.str.slice(-5, 2)), number(clock.str.tail(2))
    valid = hours.is_between(0, 23) & minutes.is_between(0, 59) & seconds.is_between(0, 60)
    return pl.when(valid).then((hours * 60 + minutes) * 60_000 + seconds * 1000)


def _read_distinct(parts: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    distinct = parts.select("date", "zone").unique()
    readings = [
        read_date(date, zone or "", context) if date is not None else Reading() for date, zone in distinct.iter_rows()
    ]
    rows = [(reading.day, reading.earlier, reading.offset, reading.half) for reading in readings]
    columns = dict.fromkeys(("day", "earlier", "offset", "half"), pl.Int64)
    return distinct.hstack(pl.DataFrame(rows, schema=columns, orient="row"))


def _newest_local(context: ParseContext) -> int:
    """Return the latest plausible time for a date without a year: a day after receipt, in naive local ms."""
    received = datetime.fromtimestamp(context.received_at / 1000, UTC) + timedelta(days=1)
    return int(received.astimezone(ZoneInfo(context.timezone)).replace(tzinfo=UTC).timestamp() * 1000)
