"""Read CSV reports of Websense and of Forcepoint's cloud (log-formats §5, WEBSENSE_V7_5 and FORCEPOINT).

The administrator chooses the columns; the header row, which titles may precede, names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.fields import completed
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.leef import BLOCK
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.stamps import read_times
from opencasb.discovery.formats.values import map_distinct, matching, without
from opencasb.discovery.formats.websense import CHALLENGE, end_of_path
from opencasb.discovery.formats.wrappers import unwrap

_NAMES: Final = {
    "time": ("date & time", "date/time", "date and time", "datetime", "timestamp", "event time", "eventtime"),
    "date": ("date", "day"),
    "clock": ("time", "time of day"),
    "user": ("user", "user name", "username", "login", "loginid", "login id", "email", "user_name", "suser"),
    "source": ("source ip", "source ip address", "client ip", "src", "src_ip"),
    "egress": ("connection ip", "connection ip address"),
    "device": ("workstation", "source host", "device", "device name", "hostname of source"),
    "full": ("full url", "url", "request", "url full", "url - full"),
    "authority": ("url hostname", "domain", "host", "hostname", "url domain", "destination host", "site"),
    "server": ("destination ip", "destination ip address", "server ip", "dst", "dst_ip"),
    "action": ("action", "disposition", "filtering action", "status"),
    "scheme": ("protocol", "scheme"),
    "method": ("request method", "method"),
    "sent": ("bytes sent", "data sent", "sent", "bytes out", "upload", "bytes_sent"),
    "received": ("bytes received", "data received", "received", "bytes in", "download", "bytes_received"),
    "total": ("total bytes", "bytes", "bandwidth", "data total", "total"),
    "count": ("hits", "requests", "transactions"),
    "answer": ("status code", "http status code", "http status"),
}
_AIMS: Final = frozenset({"full", "authority", "server"})
_LIKELY: Final = r"(?i)(?:source ip|connection ip|client ip|src)"
_EMPTY: Final = ("", "-", "N/A", "None", "Not available")
_LONGEST_REMARK: Final = 120
"""Maximum characters of a line below the rows that is not a row, such as who requested the report."""
_TIMED: Final = r"\d:\d\d|^\d+$"
"""Dates with a clock, and Unix times; any other is a day, which is better known than when the report was uploaded."""
_ASKED: Final = "(?i)^authentication required"

_HOSTED_HEAD: Final = (
    "Date,Time,User,Workstation,Category,Action,Risk Class,Policy,URL,Connection IP,Destination IP,Source IP,"
    "Threat Type,Threat Name,User Agent,Status Code,Request Method"
)
"""The usual column order of files written by the cloud's SIEM tool, which have no header row."""
_HOSTED: Final = (
    r'^"\d\d/\d\d/\d{4}","\d\d:\d\d:\d\d",(?:"[^"]*",){3}"[A-Z][a-z]+(?: [a-z]+)*",(?:"[^"]*",){2}"[^"]*",'
    r'(?:"(?:[\da-fA-F]*[.:][\da-fA-F.:]+|Not available|None)"(?:,|$)){3}'
)


class WebsenseReport(Parser):
    """Read rows by the header row above them; anything before the first one is a title."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._heads = HeaderRows(_LIKELY, _header_row)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the header row above each line."""
        return partial(self._read, *self._heads.take(unwrap(lines)))

    def _read(self, heads: pl.DataFrame, parts: Sequence[tuple[Columns | None, pl.DataFrame]]) -> pl.DataFrame:
        done = [nothing(), finished(heads, ignored="header row")]
        for columns, rows in parts:
            if columns is None:
                done += self._headless(rows, has_heads=not heads.is_empty())
            else:
                done.append(self._records(columns, rows))
        return pl.concat(done)

    def _headless(self, rows: pl.DataFrame, *, has_heads: bool) -> Iterator[pl.DataFrame]:
        """Yield the rows that are below no header row: those in the cloud's usual order, titles and others."""
        hosted = rows.select(pl.col("text").str.contains(_HOSTED).fill_null(value=False)).to_series()
        if hosted.any():
            yield self._records(Columns(places_of(_HOSTED_HEAD, _NAMES), ","), rows.filter(hosted))
        others = rows.filter(~hosted)
        titles = (pl.col("text").str.count_matches("[,;\t]") < 3) & pl.lit(has_heads)
        yield finished(others.filter(titles), ignored="comment")
        yield finished(others.filter(~titles), rejected="no header row above this line")

    def _records(self, columns: Columns, rows: pl.DataFrame) -> pl.DataFrame:
        rows = completed(cut_columns(rows, columns.places, columns.separator), _NAMES)
        rows = rows.with_columns(without(rows[name], _EMPTY) for name in _NAMES)
        rows = rows.with_columns(pl.coalesce("source", "egress").alias("source"))
        dated = pl.coalesce(
            "time",
            pl.when(pl.col("clock").str.contains(r"^\d{1,2}:")).then(pl.col("date") + " " + pl.col("clock")),
            "clock",
            pl.when(~pl.col("date").str.contains(_TIMED)).then(pl.col("date") + " 00:00:00"),
            "date",
        )
        times = read_times(rows.select(dated.alias("time")).to_series(), self._context)
        short = pl.coalesce("source", "user", "authority", "full", "server").is_null()
        cells = pl.col("text").str.count_matches(columns.separator, literal=True)
        rows = rows.with_columns(
            times.alias("timestamp"),
            pl.when(short & (cells >= max(columns.places.values())))
            .then(pl.lit("empty row"))
            .when(short & (pl.col("text").str.len_chars() <= _LONGEST_REMARK))
            .then(pl.lit("comment"))
            .when(pl.lit(matching(rows["action"], _ASKED) | matching(rows["answer"], "^407$")))
            .then(pl.lit(CHALLENGE))
            .alias("ignored"),
            end_of_path().alias("user"),
            matching(rows["action"], BLOCK).alias("blocked"),
            matching(rows["method"], "(?i)^connect$").alias("tunnel"),
            pl.col("full").alias("url"),
            pl.when(pl.col("full").str.contains("://", literal=True))
            .then(None)
            .otherwise("authority")
            .alias("authority"),
            map_distinct(rows["scheme"], _scheme).to_series(),
            *(_ungrouped(rows[name]) for name in ("sent", "received", "total", "count")),
        )
        return normalise(rows, self._context)


def _scheme(texts: pl.Series) -> pl.DataFrame:
    return texts.str.to_lowercase().str.extract(r"^(https?|ftp)\b").alias("scheme").to_frame()


def _ungrouped(numbers: pl.Series) -> pl.Series:
    """Return numbers without thousands separators."""
    plain = numbers.cast(pl.Int64, strict=False).null_count() == numbers.null_count()
    return numbers if plain else numbers.str.replace_all(r"[, ](\d{3})", "$1")


def _header_row(text: str) -> Columns | None:
    separator = max(",;\t", key=text.count)
    places = places_of(text, _NAMES, separator)
    timed = {"time", "date", "clock"} & set(places)
    clients = {"source", "egress"} & set(places)
    return Columns(places, separator) if clients and timed and _AIMS & set(places) else None


_HOSTED_ROW: Final = re.compile(_HOSTED, re.ASCII)
_OF_THE_CLOUD: Final = r"connection ip|data sent|url - full|^(?=.*\bsource ip\b)(?=.*\baction\b)(?=.*\bcategory\b)"
"""Columns that only its reports have, or a combination usual in its reports."""


def _recognise(lines: list[str], mark: str) -> tuple[float, str]:
    for place, line in enumerate(lines[:50]):
        columns = _header_row(line)
        if columns is not None and re.search(mark, line, re.IGNORECASE):
            most = max(columns.places.values())
            hits = 1 + place + sum(below.count(columns.separator) >= most for below in lines[place + 1 :])
            return hits / len(lines), f"{hits} of {len(lines)} lines are a report under its header row"
    if mark == _OF_THE_CLOUD:
        hits = sum(bool(_HOSTED_ROW.match(line)) for line in lines)
        return hits / max(len(lines), 1), f"{hits} of {len(lines)} lines are rows of the cloud's export"
    return 0.0, "no header row of a report"


FORMATS: Final = (
    Format(("WEBSENSE_V7_5",), partial(_recognise, mark="url hostname|full url"), WebsenseReport, rank=40),
    Format(("FORCEPOINT",), partial(_recognise, mark=_OF_THE_CLOUD), WebsenseReport, rank=41),
)
