"""Tell the shapes of Check Point's lines, and read the fields of those that name them (log-formats §5, CHECKPOINT)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.arranged import Writing, read_unquoted
from opencasb.discovery.formats.checkpoint_fields import FIELDS
from opencasb.discovery.formats.header_rows import Columns
from opencasb.discovery.formats.keyvalue import unescaped

DAY: Final = r"\d{1,2}[A-Z][a-z]{2}\d{4}"
SERIAL: Final = r"\d+ +\S+ +\d+ +"
"""What ``fw log`` of R80 writes between time and action: ``5 N/A 1``, of the content and the record."""
_CLOCK: Final = rf"\d{{1,2}}:\d\d:\d\d +(?:{SERIAL})?[A-Za-z]"
_TEXT_HEAD: Final = rf"^\s*((?:{DAY} +)?\d{{1,2}}:\d\d:\d\d) +(?:{SERIAL})?([A-Za-z]+)"
"""The day is missing unless ``fw log`` was asked for it."""
HEADED: Final = "HeaderDateHour: "
"""In wide output the time also has a key, and action and origin follow as pairs."""
TRACKER: Final = rf'^"\d*" "{DAY}" "\d{{1,2}}:\d\d:\d\d" "'
EXPORTED: Final = r'\[(?:[\w.-]+@(?:[\d.]+\.)?2620 )?\w+(?::|=)"'
UNQUOTED: Final = r"\[\w+:[^\";]*; ?\w+:[^\";]*;"
"""The same without its quotes, which a relay removed."""
GATEWAY: Final = r'(?:Action="[^"]*" UUid="\{|time="\d{9,10}" (?:[\w/]+="[^"]*" ){1,4}i/f_dir=")'
"""Pairs of a gateway that sends its records itself, which newer releases put in brackets, and quoted pairs written by
clients of the management server.
"""
_PIPED: Final = r"(?:^|\|)\w+=[^|]*\|(?:\w+=[^|]*\|)*(?:product|action|loguid)="

NEEDED: Final = ("source", "server")
"""Fields for which every table has columns."""
_TEXTS: Final = frozenset(key for name in ("user", "url") for key in FIELDS[name])
"""Keys whose values may contain the pair separator."""

_SHAPES: Final = (
    ("none", "LEEF:", r"\bLEEF: ?\d"),  # its attributes may be separated by pipes
    ("tracker", '" "', TRACKER),
    ("exported", "[", EXPORTED),
    ("unquoted", "[", f"(?:^|- ){UNQUOTED}"),
    ("text", "", rf"^\s*{DAY} +{_CLOCK}"),
    ("text", HEADED, HEADED),
    ("text", "product: ", r"(?:^|[ ;])product: [^;]*;"),
    ("text", "ProductName: ", r"(?:^|[ ;])ProductName: [^;]*;"),
    ("piped", "|", _PIPED),
)
"""Line shapes by precedence, with a literal and a regular expression that occur in each."""


def by_shape(columns: Columns | None, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return the rows of each shape, below a header row with these columns."""
    looks = [(shape, look) for shape, mark, look in _SHAPES if _occurs(rows["text"], mark)]
    text = pl.col("text")
    found = [pl.when(text.str.contains(look)).then(pl.lit(shape)) for shape, look in looks]
    if columns and columns.separator != " ":
        below = text.str.count_matches(columns.separator, literal=True) >= _fewest(columns)
        found.append(pl.when(below).then(pl.lit("columns")))
    shapes = rows.select(pl.coalesce(*found, pl.lit("none")).alias("shape")).to_series()
    first = shapes.first()
    if rows.is_empty() or (shapes == first).all():
        return {str(first): rows} if rows.height else {}
    parts = rows.with_columns(shapes).partition_by("shape", as_dict=True)
    return {str(shape): part.drop("shape") for (shape,), part in parts.items()}


def _fewest(columns: Columns) -> int:
    return max(min(columns.places[key] for key in FIELDS[name] if key in columns.places) for name in NEEDED)


def _occurs(texts: pl.Series, mark: str) -> bool:
    """Return whether a literal is in any line; searching for one is cheapest."""
    return not mark or bool(texts.str.contains(mark, literal=True).any())


def _keyed(pattern: str, rows: pl.DataFrame, *, word: str = "", escaped: bool = False) -> pl.DataFrame:
    """Add FIELDS found by a pattern with the placeholder ``KEY``, or by the cheaper ``word`` where that suffices."""

    def value(key: str) -> pl.Expr:
        chosen = pattern if key in _TEXTS or not word else word
        found = pl.col("text").str.extract(chosen.replace("KEY", re.escape(key)))
        return unescaped(found) if escaped else found

    def values(keys: Sequence[str]) -> list[pl.Expr]:
        found = [value(key) for key in keys]
        return [pl.when(each != "").then(each) for each in found] if found[1:] else found

    present = rows.select(
        pl.col("text").str.contains(key, literal=True).any().alias(key) for names in FIELDS.values() for key in names
    ).row(0, named=True)
    return rows.with_columns(
        pl.coalesce(pl.lit(None, pl.String), *values([key for key in names if present[key]])).alias(name)
        for name, names in FIELDS.items()
        if name != "date"
    )


def _text(rows: pl.DataFrame) -> pl.DataFrame:
    """Read ``21Aug2007 12:00:00 accept 10.0.0.1 >eth0 rule: 1; src: 10.0.0.2; dst: ...``."""
    text = pl.col("text")
    head = text.str.extract_groups(_TEXT_HEAD).struct
    rows = _keyed(r"(?:^|[ ;])KEY: ([^;]*)", rows)
    told = text.str.extract(rf"[ ;]date: ({DAY});") + " " + text.str.extract(r"[ ;]hour: ([\d:]+);")
    return rows.with_columns(
        pl.coalesce(head[0], text.str.extract(f"{HEADED}([^;]*)"), told).alias("time"),
        pl.coalesce(head[1], "action", text.str.extract(r"[ ;]Action: ([^;]*)")).alias("action"),
    )


def _piped(rows: pl.DataFrame) -> pl.DataFrame:
    """Read ``time=1|src=10.0.0.1|resource=https://...|``; values may contain pipes."""
    keys = [key for names in FIELDS.values() for key in names]
    read, others = read_unquoted(rows, keys, Writing("|", is_quoted=False))
    fields = [pl.coalesce(names).alias(name) for name, names in FIELDS.items() if name != "date"]
    pattern = r"(?:^|\|)KEY=(.*?)(?:\|[A-Za-z_][\w-]*=|\|*\s*$)"
    searched = _keyed(pattern, others, word=r"(?:^|\|)KEY=([^|]*)") if others.height else None
    found = read.select(*rows.columns, *fields)
    return found if searched is None else pl.concat([found, searched.select(found.columns)])


def _exported(rows: pl.DataFrame) -> pl.DataFrame:
    """Read ``[action:"Accept"; src:"10.0.0.1"]`` and ``[sc4s@2620 action="Accept" src="10.0.0.1"]``."""
    rows = _keyed(r'[ ;\[]KEY[:=]"((?:[^"\\]|\\.)*)"', rows, escaped=True)
    if not rows["action"].null_count():
        return rows
    return rows.with_columns(pl.coalesce("action", pl.col("text").str.extract(r'[ \[]Action="([^"]*)"')))


KEYED: Final[Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "text": _text,
    "piped": _piped,
    "exported": _exported,
    "unquoted": partial(_keyed, r"[ ;\[]KEY:([^;\]]*)"),
}
