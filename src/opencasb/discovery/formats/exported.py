"""Takes log lines out of the rows of CSV that searches export (Splunk, Kibana, Azure's tables): a cell holds the line.

As out of the objects of collectors, it comes behind the time of its row. Lines that are each in quotes as a whole, as
the only column of CSV or an array in a program, come out of them, too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.header_rows import Columns
from opencasb.discovery.formats.json_wrappers import LOG_LINE, TARGETS

_RAW: Final = ("_raw", "rawdata", "event.original", "full_log")
_NAMES: Final = {
    "inner": (*_RAW, "syslogmessage", "message", "line"),
    "time": ("_time", "@timestamp", "timegenerated", "timegenerated [utc]", "timestamp", "time", "date"),
}
_TARGETS: Final = tuple({name.replace("_", mark) for name in TARGETS for mark in ("_", " ", "")})
_LOOKED_AT: Final = 50
"""Lines among which the header row is."""
_LONGEST: Final = 8000
"""Characters of a header row."""
_PORTAL: Final = ("%m/%d/%Y, %I:%M:%S%.f %p", "%Y-%m-%d %H:%M:%S%.3fZ")
"""``7/7/2022, 9:00:43.087 PM``, as Azure's portal writes a time in UTC."""
_KIBANA: Final = ("%b %d, %Y @ %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.3f")
"""``Jul 7, 2022 @ 21:00:43.087``, which is local time."""
_ISO: Final = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)(?: UTC)?$"

_QUOTED: Final = r'^\s*"((?:[^"]|""|\\")*)",?\s*$'

Taking = Callable[[pl.DataFrame], pl.DataFrame]


def taken_out(first: pl.DataFrame) -> Taking | None:
    """Return what takes the lines out of batches (``line``, ``text``) of an export, of which ``first`` is the first.

    It leaves a header row empty. None if the log is no export, or its rows are records that name a target themselves.
    """
    rows = first.head(_LOOKED_AT).filter(pl.col("text").str.contains(r"\S"))
    if rows.height and rows["text"].str.contains(_QUOTED).all():
        return _unquoted if LOG_LINE.search(_bare(rows["text"])[-1]) else None
    rows = rows.head(2)
    header = str(rows["text"].first() or "")[:_LONGEST]
    separator = max(",;\t", key=header.count)
    places = places_of(header, _NAMES, separator)
    if rows.height < 2 or "inner" not in places:
        return None
    told = places_of(header, {"raw": _RAW, "target": _TARGETS}, separator)
    sample = str(cut_columns(rows.tail(1), places, separator)["inner"].first() or "")
    if not LOG_LINE.search(sample) or ("target" in told and "raw" not in told):
        return None
    return partial(_lines, Columns(places, separator), header)


def _unquoted(batch: pl.DataFrame) -> pl.DataFrame:
    return batch.with_columns(_bare(batch["text"]))


def _bare(texts: pl.Series) -> pl.Series:
    bare = texts.str.extract(_QUOTED).str.replace_all(r'""|\\"', '"')
    return bare.zip_with(bare.is_not_null(), texts)


def _lines(columns: Columns, header: str, batch: pl.DataFrame) -> pl.DataFrame:
    rows = cut_columns(batch, columns.places, columns.separator)
    inner, text = pl.col("inner").str.replace_all(r"[\r\n]+", " ").str.strip_chars(), pl.col("text")
    if "time" in columns.places:
        time = _time(pl.col("time").str.strip_chars())
        stamp = pl.when(time.str.contains(_ISO)).then(time.str.replace(_ISO, "${1}T$2") + " - ")
        inner = stamp.fill_null("") + inner
    is_header = text.str.head(_LONGEST) == header
    return rows.select("line", pl.when(is_header).then(pl.lit("")).otherwise(pl.coalesce(inner, text)).alias("text"))


def _time(written: pl.Expr) -> pl.Expr:
    """Return times with those of portals in ISO form."""
    respelled = (written.str.to_datetime(form, strict=False).dt.strftime(iso) for form, iso in (_PORTAL, _KIBANA))
    return pl.coalesce(*respelled, written)
