"""Runs one parser over lines in any number of batches, and returns its raw rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.formats.restored import restored
from opencasb.model.transaction import COLUMNS, INTEGER_COLUMNS, LINE
from tests.discovery.formats.parsed import RECEIVED

CONTEXT = ParseContext(RECEIVED)


def read(known: Format, *lines: str, context: ParseContext = CONTEXT, batches: int = 1) -> list[dict[str, Any]]:
    """Return one row per line, in line order, parsed in this number of batches."""
    parser = known.open(context)
    texts = restored(pl.Series(lines, dtype=pl.String))
    frame = pl.DataFrame({"line": pl.int_range(1, len(lines) + 1, dtype=pl.Int64, eager=True), "text": texts})
    size = max(-(-len(lines) // batches), 1)
    parts = [parser.end(parser.begin(frame[start : start + size])()) for start in range(0, len(lines), size)]
    rows = pl.concat([*parts, parser.finish()]).sort("line")
    assert rows.columns == list(COLUMNS)
    assert rows["line"].to_list() == frame["line"].to_list()
    assert all(rows.schema[name] == (pl.Int64 if name in (*INTEGER_COLUMNS, LINE) else pl.String) for name in COLUMNS)
    return rows.to_dicts()


def used(known: Format, *lines: str, context: ParseContext = CONTEXT) -> list[dict[str, Any]]:
    """Return the transactions among the rows of ``lines``."""
    return [row for row in read(known, *lines, context=context) if row["ignored"] is None and row["rejected"] is None]


def one(known: Format, line: str, context: ParseContext = CONTEXT) -> dict[str, Any]:
    """Return the row of a line that is a transaction."""
    (row,) = read(known, line, context=context)
    assert row["ignored"] is None, row
    assert row["rejected"] is None, row
    return row


def fates(known: Format, lines: Sequence[str]) -> list[tuple[str | None, str | None]]:
    """Return the ``ignored`` and ``rejected`` values of each line."""
    return [(row["ignored"], row["rejected"]) for row in read(known, *lines)]


def ms(iso: str) -> int:
    """Return a time with an offset as ms since the epoch."""
    return round(datetime.fromisoformat(iso).timestamp() * 1000)
