"""Split LEEF lines into their header and attributes (log-formats §2, LEEF 1.0 and 2.0).

Attribute delimiters are first turned into tabs, so that all lines are read in one way. Only lines that lost their tabs
in transit are read like CEF, where a value ends before the next `` key=``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import polars as pl

from opencasb.discovery.formats.cef_fields import read_fields
from opencasb.discovery.formats.fields import cut_n
from opencasb.discovery.formats.keyvalue import Field
from opencasb.discovery.formats.tabbed import read_tabbed
from opencasb.discovery.formats.wrappers import HEADER

START: Final = r"LEEF: ?\d"
LOST_PREFIX: Final = r"^[12]\.\d\|[^|=]+\|[^|=]*\|[^|=]*\|"

_HEAD: Final = ("version", "vendor", "product", "release", "event", "attributes")
_VERSION: Final = r"^(?:.*LEEF: ?\d{1,2}(?:\.\d)?|[12]\.\d)$"
_DECLARED: Final = r"^([^|=]{0,6})\|"
_PIPED: Final = r"\|[A-Za-z][\w.-]*="
_ESCAPED: Final = r"\\t[A-Za-z][\w.-]*=.*\\t[A-Za-z][\w.-]*="
"""Tabs as a backslash and a letter, as templates and JSON write them: twice, since a path may hold one."""
_MARKS: Final = [mark for mark in (*map(chr, range(1, 0x7F)), *"¦§") if mark != "=" and not mark.isalnum()]
_MEANT: Final = (
    dict.fromkeys(("", r"\t", "tab"), "\t")
    | {mark: mark for mark in _MARKS if mark >= " " or mark == "\t"}
    | {f"{ord(mark):x}": mark for mark in _MARKS}
)
"""Delimiter declared by LEEF 2.0 → actual character; letters and digits are never delimiters, whatever a line says."""


def cut_head(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``line``, ``header`` and a LEEF header's fields: vendor, product, event, attributes, delimiter.

    ``delimiter`` is null for a line that is not LEEF, and a blank if none is apparent.
    """
    rows = cut_n(rows, "text", "|", _HEAD)
    declared = pl.when(pl.col("version").str.contains("2", literal=True)).then(
        pl.col("attributes").str.extract(_DECLARED)
    )
    code = declared.str.to_lowercase().str.replace(r"^[0\\]?x0*", "")
    mark = pl.when(declared.str.len_chars() > 1).then(code).otherwise(declared.str.strip_chars("\t"))
    meant = mark.replace_strict(_MEANT, default=None, return_dtype=pl.String)
    bare = pl.when(declared.is_not_null()).then(pl.col("attributes").str.replace(_DECLARED, ""))
    rows = rows.with_columns(declared.alias("declared"), meant.alias("meant"), bare.fill_null(pl.col("attributes")))
    seen = (
        pl.when(pl.col("attributes").str.contains("\t", literal=True))
        .then(pl.lit("\t"))
        .when(pl.col("attributes").str.contains(_ESCAPED))
        .then(pl.lit(r"\t"))
        .when(pl.col("attributes").str.contains(_PIPED))
        .then(pl.lit("|"))
        .otherwise(pl.lit(" "))
    )
    told = (pl.col("meant") != "\t") | pl.col("meant").is_null()
    delimiter = pl.when(pl.col("declared").is_not_null() & told).then("meant").otherwise(seen)
    is_leef = pl.col("version").str.contains(_VERSION) & pl.col("attributes").is_not_null()
    return rows.select(
        "line", HEADER, "vendor", "product", "event", "attributes", delimiter=pl.when(is_leef).then(delimiter)
    )


def read_attributes(rows: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    """Return rows of :func:`cut_head` that have a delimiter with a text column per field, in any order."""
    kept = [name for name in rows.columns if name not in ("attributes", "delimiter")]
    parts, tabbed = [], []
    rows = rows.with_columns(pl.col("attributes").alias("text"))
    for (delimiter,), part in rows.partition_by("delimiter", as_dict=True).items():
        if delimiter == " ":
            parts.append(_read_blanks(part, fields).select(*kept, *fields))
        elif delimiter == "\t":
            tabbed.append(part)
        else:
            text = pl.col("text").str.replace_all("\t", " ", literal=True)
            tabbed.append(part.with_columns(_with_tabs(text, str(delimiter)).alias("text")))
    if tabbed:
        parts.append(read_tabbed(pl.concat(tabbed), fields).select(*kept, *fields))
    return pl.concat(parts) if parts else rows.select(*kept, *(pl.lit(None, pl.String).alias(name) for name in fields))


def _with_tabs(text: pl.Expr, delimiter: str) -> pl.Expr:
    """Replace delimiters with tabs; pipes and escaped tabs, which values may hold, only before keys or at the end."""
    if delimiter in {"|", r"\t"}:
        return text.str.replace_all(rf"{re.escape(delimiter)}([A-Za-z][\w.-]*=|$)", "\t$1")
    return text.str.replace_all(delimiter, "\t", literal=True)


def _read_blanks(rows: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    backslashes = pl.col("text").str.replace_all("\\", "\\\\", literal=True)  # they escape nothing in LEEF
    return read_fields(rows.with_columns(("|" + backslashes).alias("text")), fields)
