"""Read Check Point: ``fw log`` exports and text, Log Exporter, SmartView Tracker (log-formats §5, CHECKPOINT)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.checkpoint_fields import FIELDS, judged, with_session
from opencasb.discovery.formats.checkpoint_shapes import (
    DAY,
    EXPORTED,
    GATEWAY,
    HEADED,
    KEYED,
    NEEDED,
    SERIAL,
    TRACKER,
    UNQUOTED,
    by_shape,
)
from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.fields import completed, cut
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.objects import Members, as_lines, quoted
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.updates import Updates
from opencasb.discovery.formats.wrappers import unwrap

_TO_SYSLOG: Final = "CPLogToSyslog: |ContentVersion: "
"""Start of lines from the tool that preceded Log Exporter: pairs as in wide output, including date and hour."""
_FETCHED: Final = r"\btime=[^|=]+\|(?:[^|=]+=[^|]*\|)*?orig=[^|]*\|(?:[^|=]+=[^|]*\|)*?product="
"""Pipe-separated pairs as written by fw1-loggrabber and other clients of the management server (LEA)."""
_START: Final = (
    rf"{EXPORTED}|{UNQUOTED}|{_TO_SYSLOG}|\btime=[^|=]{{1,40}}\||{DAY} +\d{{1,2}}:\d\d:\d\d |{HEADED}"
    rf'|"\d*" "{DAY}"|\d+;\s*{DAY};|{GATEWAY}'
)

_COLUMNS: Final = {
    **FIELDS,
    "user": ("source user name", "src_user_name", "user", "suser"),
    "product": (*FIELDS["product"], "blade"),
}
_NAMES: Final = {key: (key.lower(),) for names in _COLUMNS.values() for key in names}
"""Every name is searched for: an export has the columns of all its records, and each record fills only some."""
_TRACKER_ORDER: Final = (
    "number", "date", "time", "interface", "origin", "type", "action", "service", "source port", "source",
    "destination", "protocol", "rule", "rule name", "current rule number", "user", "information", "product",
    "source machine name", "source user name",
)  # fmt: skip
"""The columns of the tracker's default view, for an excerpt without its header row."""

_STAMPS: Final = (*FIELDS["date"], *FIELDS["time"])


_MARKS: Final = ('"loguid"', '"ifdir"')
"""Members of its JSON objects, of which each has one; nobody else's have."""
_NOT_OURS: Final = "not a Check Point record"
_LIKELY: Final = r'(?i)^"?(?:num|number|date|time|timestamp)"?[;, ].*[;, "](?:src|source)"?(?:[;, ]|$)'


class CheckPoint(Parser):
    """Read each line in its own shape; remember the header rows of exports."""

    holders = (Updates,)

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._heads = HeaderRows(_LIKELY, _header_row)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the header row above each line."""
        rows = unwrap(lines, _START)
        heads, parts = self._heads.take(rows)
        return partial(self._read, heads, parts)

    def _read(self, heads: pl.DataFrame, parts: Sequence[tuple[Columns | None, pl.DataFrame]]) -> pl.DataFrame:
        done = [nothing(), finished(heads, ignored="header row")]
        for columns, part in parts:
            done += [self._records(shape, columns, rows) for shape, rows in by_shape(columns, part).items()]
        return pl.concat(done, how="diagonal")

    def _records(self, shape: str, columns: Columns | None, rows: pl.DataFrame) -> pl.DataFrame:
        if shape == "none":
            return self._objects(rows)
        keyed = KEYED.get(shape)
        if keyed:
            rows = keyed(rows)
        else:
            rows = _cut(
                rows, columns if columns and (columns.separator == " ") == (shape == "tracker") else _TRACKER_COLUMNS
            )
        rows = completed(rows, FIELDS)
        written = pl.coalesce(pl.col("date") + " " + pl.col("time"), "time")
        rows = rows.with_columns(timestamps(rows, written, self._context).alias("timestamp"))
        parsed = normalise(judged(rows, tracker=shape == "tracker"), self._context)
        return with_session(parsed, rows["text"]) if shape in KEYED else parsed

    def _objects(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Read JSON objects, and pairs without brackets; reject all other lines."""
        text = pl.col("text")
        for mark in _MARKS:
            rows = as_lines(rows, mark, _brackets)
        bare = text.str.contains(f"^{GATEWAY}")
        rows = rows.with_columns(pl.when(bare).then("[" + text + "]").otherwise(text).alias("text"))
        read = rows["text"].str.contains(EXPORTED)
        strange = finished(rows.filter(~read), rejected=_NOT_OURS)
        if not read.any():
            return strange
        return pl.concat([strange, self._records("exported", None, rows.filter(read))], how="diagonal")


def _brackets(members: Members) -> str:
    """Write a JSON object as pairs in brackets, with the first of several values."""
    values = ((name, value[0] if isinstance(value, list) and value else value) for name, value in members.items())
    return "[" + "; ".join(f"{name}:{quoted(value)}" for name, value in values) + "]"


def _header_row(text: str) -> Columns | None:
    """Read the header row of an export; the tracker separates by blanks and quotes, exports by semicolons or commas."""
    separator = max(";,", key=text.count)
    if (text.startswith('"') and '" "' in text) or not text.count(separator):
        text, separator = ";".join(re.findall(r'"[^"]*"|\S+', text)), " "
    places = places_of(text, _NAMES, separator.replace(" ", ";"))
    known = all(set(FIELDS[name]) & set(places) for name in NEEDED)
    return Columns(places, separator) if known and set(_STAMPS) & set(places) else None


_TRACKER_COLUMNS: Final = Columns(places_of(";".join(_TRACKER_ORDER), _NAMES, ";"), " ")


def _cut(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    if columns.separator == " ":
        names = [f"_{place}" for place in range(max(columns.places.values()) + 1)]
        cells = cut(rows.select(pl.col("text").str.strip_chars_end()), "text", '" "', names)
        rows = rows.with_columns(
            cells[f"_{place}"].str.strip_chars('"').alias(name) for name, place in columns.places.items()
        )
    else:
        rows = cut_columns(rows, columns.places, columns.separator)
    named = {name: [key for key in keys if key in columns.places] for name, keys in _COLUMNS.items()}
    return rows.with_columns(
        pl.coalesce(pl.when(pl.col(key) != "").then(key) for key in keys).alias(name)
        for name, keys in named.items()
        if keys
    )


_HEADS: Final = r'(?i)num;|timestamp,orig|"num"|"?(?:date|time)"?,(?=.*\bblade\b)(?=.*\borigin\b)'
"""How header rows of exports begin; SmartConsole calls the product a blade."""

_LINES: Final = signature(
    r"\b(?:product|ProductName): VPN-1 & FireWall-1|CPLogToSyslog: |(?:CheckPoint|Check ?Point) (?:\d+|-) - \["
    r"|\[action:\"|\[\S+@(?:[\d.]+\.)?2620 "
    rf'|\{{.*"loguid" ?: ?"\{{?0x|\{{(?=.*"product" ?: ?")(?=.*"origin" ?: ?").*"ifdir" ?: ?"|\b{GATEWAY}'
    rf"|^time=\d+\|(?:\w+=[^|]*\|)*?product=|{_FETCHED}|Checkpoint: +{DAY} |^{DAY} +\d\d:\d\d:\d\d \w+ +\S+ >\S+ "
    rf"|^ *{DAY} +\d{{1,2}}:\d\d:\d\d +{SERIAL}\w+ +\S+ +[<>] |\b{HEADED}{DAY} "
    r"|^ *\d{1,2}:\d\d:\d\d +\w+ +\S+ +[<>]\S* .*\bproduct: ",
    "Check Point records",
)


def _recognise(lines: list[str]) -> tuple[float, str]:
    for place, line in enumerate(lines):
        columns = _header_row(line) if re.match(_HEADS, line) else None
        if columns is not None and columns.separator != " ":
            fields = line.count(columns.separator)
            hits = 1 + sum(below.count(columns.separator) >= fields for below in lines[place + 1 :])
            return hits / len(lines), f"{hits} of {len(lines)} lines are under a header row of Check Point"
    return _LINES(lines)


FORMATS: Final = (
    Format(
        sources=("CHECKPOINT_SMART_VIEW_TRACKER",),
        recognise=signature(
            rf'{TRACKER}|^"?Number"? "?Date"? "?Time"? .*"?Destination"? ', "rows of SmartView Tracker"
        ),
        open=CheckPoint,
        rank=29,
    ),
    Format(sources=("CHECKPOINT",), recognise=_recognise, open=CheckPoint, rank=30),
)
