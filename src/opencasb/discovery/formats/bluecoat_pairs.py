"""Read Blue Coat records written as ``c-ip=10.0.0.1`` pairs, blank- or pipe-separated, or as JSON (log-formats §5)."""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from opencasb.discovery.formats.w3c_fields import Dialect
from opencasb.discovery.formats.wrappers import HEADER

PAIR: Final = r"(?:^|[ \t|])(?:c-ip|cs-host|cs-method|s-action)=|^[^={]*\{.*\x22c-ip\x22\s*:"
_MEMBER: Final = r'[{,]\s*"([\w().-]+)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([\d.]+))'
"""A JSON member, into which scripts that fetch the cloud's records turn a field."""
_PIPED: Final = "|s-action="
_PIPED_TIME: Final = r' devicetime="\[(\d\d)/(\d\d)/(\d{4}):([\d:]{8}) GMT\]"'
_PIPED_NAMES: Final = {"src": "c-ip", "dst": "r-ip", "username": "cs-username"}
"""Field names in QRadar's template, ``Bluecoat|src=10.0.0.1|srcport=...``; other fields keep their own names."""
SIGNATURE: Final = re.compile(
    r"(?:^|\s)c-ip=.*(?:^|\s)s-action=|SPLV5|\|src=.*\|s-action="
    r"|\{.*\x22c-ip\x22\s*:.*\x22(?:s-action|sc-filter-result)\x22",
    re.ASCII,
)


def cut_pairs(rows: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Return the fields of ``c-ip=10.0.0.1 cs-host="..."`` lines; their own time, in UTC, is appended to the header."""

    def value(key: str) -> pl.Expr:
        found = pl.col("text").str.extract(rf'(?:^|[ \t]){key}=("[^"]*"|[^ \t]*)', 1)
        return found.str.strip_chars('"').alias(key)

    rows = _without_braces(_without_pipes(rows))
    times = {"date", "time", *dialect.times}
    keys = [name for name in dialect.wanted(with_url=True) if name not in times and "(" not in name]
    own = pl.format(" {}T{}Z", value("date"), value("time"))
    header = pl.concat_str(HEADER, own, ignore_nulls=True).alias(HEADER)
    return rows.select("line", header, pl.lit(None, pl.String).alias("rejected"), *(value(key) for key in keys))


def _without_pipes(rows: pl.DataFrame) -> pl.DataFrame:
    """Turn pipe-separated pairs into blank-separated ones."""
    text = pl.col("text")
    piped = text.str.contains(_PIPED, literal=True)
    if not rows.select(piped.any()).item():
        return rows
    quoted = text.str.replace_all(r"\|([\w().-]+)=([^|]*)", ' $1="$2"')
    for written, name in _PIPED_NAMES.items():
        quoted = quoted.str.replace(f" {written}=", f" {name}=", literal=True)
    quoted = quoted.str.replace(_PIPED_TIME, " date=$3-$2-$1 time=$4")
    return rows.with_columns(pl.when(piped).then(quoted).otherwise(text).alias("text"))


def _without_braces(rows: pl.DataFrame) -> pl.DataFrame:
    """Turn JSON objects into blank-separated pairs."""
    text = pl.col("text")
    braced = text.str.contains(r"^[^={]*\{")
    if not rows.select(braced.any()).item():
        return rows
    plain = text.str.replace_all(r"\"", "'", literal=True).str.replace_all(_MEMBER, ' $1="$2$3"')
    pairs = plain.str.replace_all(r"\\(.)", "$1")
    return rows.with_columns(pl.when(braced).then(pairs).otherwise(text).alias("text"))
