r"""Undo the quoting of a CSV cell or string whose own quotes a pipeline dropped: ``user=""ann""``, ``user=\"ann\"``."""

from __future__ import annotations

from typing import Final

import polars as pl

_POSSIBLE: Final = r'[=:](?:""|\\")'
_LIKELY: Final = r'^[^"]*[=:](?:""[^,;|\s\])}]|\\")'
"""The first quotes tell; without such quoting, a value that begins with two is empty."""


def with_plain_quotes(texts: pl.Series) -> pl.Series:
    """Return texts, with those in which every quote is doubled or escaped as they were before."""
    at = texts.str.contains(_POSSIBLE).arg_true()  # takes a tenth of the time
    at = at.filter(texts.gather(at).str.contains(_LIKELY))
    if at.is_empty():
        return texts
    return texts.scatter(at, pl.Series([_plain(text) for text in texts.gather(at)], dtype=pl.String))


def _plain(text: str) -> str:
    for quote in ('\\"', '""'):
        if quote in text and '"' not in text.replace(quote, ""):
            return text.replace(quote, '"')
    return text
