"""Takes log lines out of the rows of CSV that searches export (Splunk, Kibana, Azure's tables): a cell holds the line.

As out of the objects of collectors, it comes behind the time of its row.
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
_ISO: Final = r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)(?: UTC)?$"

Taking = Callable[[pl.DataFrame], pl.DataFrame]


def taken_out(first: pl.DataFrame) -> Taking | None:
    """Return what takes the lines out of batches (``line``, ``text``) of an export, of which ``first`` is the first.

    It leaves the header row empty. None if the log is no export, or its rows are records that name a target themselves.
    """
    rows = first.head(_LOOKED_AT).filter(pl.col("text").str.contains(r"\S")).head(2)
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


def _lines(columns: Columns, header: str, batch: pl.DataFrame) -> pl.DataFrame:
    rows = cut_columns(batch, columns.places, columns.separator)
    inner, text = pl.col("inner").str.replace_all(r"[\r\n]+", " ").str.strip_chars(), pl.col("text")
    if "time" in columns.places:
        time = pl.col("time").str.strip_chars()
        stamp = pl.when(time.str.contains(_ISO)).then(time.str.replace(_ISO, "${1}T$2") + " - ")
        inner = stamp.fill_null("") + inner
    is_header = text.str.head(_LONGEST) == header
    return rows.select("line", pl.when(is_header).then(pl.lit("")).otherwise(pl.coalesce(inner, text)).alias("text"))
