"""Turn tables of FortiGate's records, whose header row has the usual keys, into pairs (log-formats §5, FORTIGATE)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.header_rows import Columns

HEADER_ROW: Final = r'^"?[a-z_]+"?[,;]"?[a-z_]+"?[,;]"?[a-z_]+"?[,;]'
_KEYS: Final = (
    "date", "time", "tz", "eventtime", "type", "subtype", "logid", "devid", "devname", "vd", "sessionid", "action",
    "utmaction", "status", "srcip", "srcname", "srcmac", "mastersrcmac", "user", "unauthuser", "dstip", "dstname",
    "dstport", "hostname", "url", "service", "sentbyte", "rcvdbyte", "sentdelta", "rcvddelta", "qname", "ipaddr",
)  # fmt: skip
_NEEDED: Final = frozenset({"type", "subtype", "srcip", "dstip"})
_OURS: Final = frozenset({"devid", "devname", "logid", "vd"})
"""Keys by which a table of these firewalls is known from one of another vendor's."""

_PAIR: Final = "^[^,;=]{0,80}[a-z_]="
"""How a line begins that is no row of a table, in a file that was put together from several."""


def header_row(text: str) -> Columns | None:
    """Return the columns that a header row names, None if it is not one of these firewalls' records."""
    separator = max(",;", key=text.count)
    places = places_of(text, {key: (key,) for key in _KEYS}, separator)
    return Columns(places, separator) if places.keys() >= _NEEDED and _OURS & places.keys() else None


def as_pairs(columns: Columns, rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` (``text``) as pairs of the keys that are read."""
    cells = cut_columns(rows.select("text"), columns.places, columns.separator)
    pairs = [
        pl.format(f'{key}="{{}}"', pl.col(key).str.replace_all(r'[\\"]', r"\$0")).alias(key) for key in columns.places
    ]
    texts = cells.select(pl.concat_str(pairs, separator=" ", ignore_nulls=True).alias("pairs")).to_series()
    already = pl.col("text").str.contains(_PAIR)
    return rows.with_columns(pl.when(already).then("text").otherwise(texts).alias("text"))


def recognise_tables(lines: list[str]) -> tuple[float, str]:
    """Return the share of lines that are below a header row, and a sentence."""
    for place, line in enumerate(lines):
        columns = header_row(line) if "srcip" in line else None
        if columns is not None:
            cells = line.count(columns.separator)
            hits = 1 + sum(below.count(columns.separator) >= cells for below in lines[place + 1 :])
            return hits / len(lines), f"{hits} of {len(lines)} lines are a table of FortiGate records"
    return 0.0, ""
