"""Restore lines to how the device sent them: out of a collector's objects, with plain quotes and control characters."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.cell_quotes import with_plain_quotes
from opencasb.discovery.formats.json_wrappers import unwrap_json

_POSSIBLE: Final = r'""|\\"|\{|#0'


def restored(texts: pl.Series) -> pl.Series:
    """Return the lines of a log as the device sent them; most logs need only the search for what could be undone."""
    at = texts.str.contains(_POSSIBLE).arg_true()  # one search takes a third of the time of one each
    if at.is_empty():
        return texts
    return texts.scatter(at, without_escapes(with_plain_quotes(unwrap_json(texts.gather(at)))))


def without_escapes(texts: pl.Series) -> pl.Series:
    """Turn rsyslog's ``#011`` back into a tab, and its escaped line ends into blanks, since a line is one record.

    The ``#000`` with which some devices end their messages is dropped.
    """
    if not texts.str.contains("#0(?:1|00$)").any():
        return texts
    tabbed = texts.str.replace_all("#011", "\t", literal=True)
    return tabbed.str.replace_all("#01[25]", " ").str.replace("#000$", "")
