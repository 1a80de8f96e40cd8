"""Read logs downloaded from Zscaler's Web Insights: CSV under a header row, in the words of the web interface."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.header_rows import Columns

HEADER_ROW: Final = "Policy Action"
"""A column that every download has; requests seldom contain these words."""

_NAMES: Final = {
    "time": ("event time", "logged time"),
    "user": ("user", "user name"),
    "source": ("client ip",),
    "other_source": ("client external ip", "client public ip"),
    "server": ("server ip",),
    "host": ("hostname", "host name"),
    "url": ("url",),
    "action": ("policy action",),
    "sent": ("sent bytes",),
    "received": ("received bytes",),
    "total": ("total bytes",),
    "device": ("device hostname", "device host name"),
    "owner": ("device owner",),
    "protocol": ("protocol",),
    "method": ("request method",),
    "status": ("response code",),
}
_NEEDED: Final = frozenset({"time", "url", "action"})
_STATUS: Final = r"^\d{3}"
"""The interface writes ``200 - OK``."""


def header_row(text: str) -> Columns | None:
    """Return the columns that a header row names, None if it is not one."""
    places = places_of(text, _NAMES) if HEADER_ROW in text else {}
    return Columns(places, ",") if places.keys() >= _NEEDED and {"source", "other_source"} & places.keys() else None


def insights_fields(columns: Columns, rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with the fields of the common set that the download has."""
    rows = cut_columns(rows, columns.places)
    if "status" not in columns.places:
        return rows
    return rows.with_columns(pl.col("status").str.extract(_STATUS, 0))


def recognise_insights(lines: list[str]) -> tuple[float, str]:
    """Return the share of lines that are below a header row, and a sentence."""
    for place, line in enumerate(lines):
        columns = header_row(line)
        if columns is not None:
            cells = line.count(columns.separator)
            hits = 1 + sum(below.count(columns.separator) >= cells for below in lines[place + 1 :])
            return hits / len(lines), f"{hits} of {len(lines)} lines are a download from Zscaler's Web Insights"
    return 0.0, ""
