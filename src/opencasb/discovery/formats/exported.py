"""Extract log lines from CSV rows exported by searches (Splunk, Kibana, Azure tables), where a cell holds the line.

As with lines taken from collectors' objects, the row's time is put in front. Rows of Azure's CEF table hold the line in
parts. Lines quoted as a whole, as in single-column CSV or an array in a program, are unquoted.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.common_security_log import COLUMNS, cef_line, is_row
from opencasb.discovery.formats.header_rows import Columns
from opencasb.discovery.formats.json_wrappers import LOG_LINE, TARGETS, written_time
from opencasb.discovery.formats.values import map_distinct

_RAW: Final = ("_raw", "rawdata", "event.original", "full_log", "@rawstring", "rawmsg", "raw_log")
_NAMES: Final = {
    "inner": (
        *_RAW, "syslogmessage", "@message", "full_message", "textpayload", "jsonpayload.message", "message", "line",
    ),
    "time": (
        "_time", "@timestamp", "timegenerated", "timegenerated [utc]", "_messagetime", "timestamp", "time", "date",
    ),
}  # fmt: skip
_TARGETS: Final = tuple({name.replace("_", mark) for name in TARGETS for mark in ("_", " ", "")})
_LOOKED_AT: Final = 50
"""Lines within which the header row must appear."""
_LONGEST: Final = 8000
"""Maximum characters of a header row."""
_QUOTED: Final = r'^\s*"((?:[^"]|""|\\")*)",?\s*$'


class Export:
    """An export identified by its header row; counts how often that row appears."""

    def __init__(self, columns: Columns, header: str, *, is_table: bool) -> None:
        self._columns, self._header, self._is_table = columns, header, is_table
        self.headers = 0

    def lines(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Extract the lines from a batch (``line``, ``text``), dropping header rows."""
        is_header = batch["text"].str.head(_LONGEST) == self._header
        self.headers += int(is_header.sum())
        rows = batch.filter(~is_header.fill_null(value=False))
        cells = cut_columns(rows, self._columns.places, self._columns.separator)
        inner = _lines_of_table(cells) if self._is_table else cells["inner"].str.replace_all(r"[\r\n]+", " ")
        inner = inner.str.strip_chars()
        if "time" in self._columns.places:
            inner = map_distinct(cells["time"], _stamps).to_series() + inner
        return rows.select("line", inner.zip_with(inner.is_not_null(), rows["text"]).alias("text"))


class QuotedLines:
    """A log whose lines are each quoted; it has no header row."""

    headers = 0

    def lines(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Unquote the lines of a batch (``line``, ``text``)."""
        return batch.with_columns(_unquoted(batch["text"]))


def export_of(first: pl.DataFrame) -> Export | QuotedLines | None:
    """Return the export that begins with ``first``, its first batch (``line``, ``text``).

    None if the log is not an export, or if its rows are records that name a target themselves.
    """
    rows = first.head(_LOOKED_AT).filter(pl.col("text").str.contains(r"\S"))
    if rows.height and rows["text"].str.contains(_QUOTED).all():
        return QuotedLines() if LOG_LINE.search(_unquoted(rows["text"])[-1]) else None
    rows = rows.head(2)
    header = str(rows["text"].first() or "")[:_LONGEST]
    separator = max(",;\t", key=header.count)
    places = places_of(header, _NAMES, separator)
    table = places_of(header, {name: (name.lower(),) for name in COLUMNS}, separator)
    if rows.height == 2 and is_row(table):
        columns = table | {"time": places["time"]} if "time" in places else table
        return Export(Columns(columns, separator), header, is_table=True)
    if rows.height < 2 or "inner" not in places:
        return None
    told = places_of(header, {"raw": _RAW, "target": _TARGETS}, separator)
    sample = str(cut_columns(rows.tail(1), places, separator)["inner"].first() or "")
    if not LOG_LINE.search(sample) or ("target" in told and "raw" not in told):
        return None
    return Export(Columns(places, separator), header, is_table=False)


def _lines_of_table(cells: pl.DataFrame) -> pl.Series:
    values = cells.select(name for name in cells.columns if name in COLUMNS)
    return pl.Series(
        [cef_line(row) if any(row.values()) else None for row in values.iter_rows(named=True)], dtype=pl.String
    )


def _stamps(times: pl.Series) -> pl.DataFrame:
    """Return the prefix of each line, empty if no time is given."""
    written = (written_time(text or "") for text in times)
    return pl.Series("stamp", [f"{time} - " if time else "" for time in written], pl.String).to_frame()


def _unquoted(texts: pl.Series) -> pl.Series:
    bare = texts.str.extract(_QUOTED).str.replace_all(r'""|\\"', '"')
    return bare.zip_with(bare.is_not_null(), texts)
