"""Find the HTTP status 407 in CEF lines of vendors without their own format (log-formats §1: challenges do not count).

There is no common key for the status: vendors write it as the outcome, under a key of their own, or as a custom string
or number whose label says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

CHALLENGE: Final = "authentication challenge"
_STATUS: Final = "=407"
_END: Final = r"(?:\s|$)"
_KEYS: Final = r"outcome|status|(?i:sc-?status|http_?status|(?:http_?)?(?:status|response)_?code)"
_NAMED: Final = rf"[ |](?:{_KEYS}){_STATUS}{_END}"
_NAMED_OR_CUSTOM: Final = rf"[ |](?:{_KEYS}|c[sn][1-6]){_STATUS}{_END}"
_CUSTOM: Final = tuple(f"{kind}{number}" for kind in ("cs", "cn") for number in range(1, 7))
_LABEL: Final = r"[ |]KEYLabel=[^=]*?(?i:status|response\s?code|return\s?code|result\s?code|http\s?code)"
"""A label ends before the next key, so nothing before the status is an equals sign."""


def challenges(rows: pl.DataFrame) -> pl.Expr:
    """Return why a row (``line``, ``text``) is ignored if it is a challenge to sign in, null for all others."""
    text = pl.col("text")
    candidates = rows.filter(text.str.contains(_STATUS, literal=True)).filter(text.str.contains(_NAMED_OR_CUSTOM))
    if candidates.is_empty():  # compiling the expressions for labels would take as long as all else here
        return pl.lit(None, pl.String)
    challenged = candidates.filter(pl.any_horizontal(text.str.contains(_NAMED), *_labelled()))
    return pl.when(pl.col("line").is_in(challenged["line"].to_list())).then(pl.lit(CHALLENGE))


def _labelled() -> Iterator[pl.Expr]:
    text = pl.col("text")
    for key in _CUSTOM:
        is_status = text.str.contains(_LABEL.replace("KEY", key))
        yield text.str.contains(rf"[ |]{key}{_STATUS}{_END}") & is_status
