"""Read the TLS details that Squid administrators log: how a connection was bumped, and the requested server name.

They write ``%ssl::bump_mode`` and ``%ssl::>sni`` before the user, in its place, or after all fields.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from opencasb.discovery.formats.values import map_distinct

MODES: Final = ("none", "client-first", "server-first", "peek", "stare", "bump", "splice", "terminate", "err")
"""How connections are bumped; never user names."""
_NAME: Final = r"(?:[A-Za-z0-9_-]+\.)+[A-Za-z][A-Za-z0-9-]+"
_MODE: Final = "|".join(MODES[1:])
_BEHIND: Final = (
    rf" CONNECT \S+ .* [A-Z_]+/\S* .*?\b(?:(?:{_MODE})[ ,;]+(?:sni=)?\"?({_NAME})|sni=\"?({_NAME})"
    rf"|({_NAME})\"?[ ,;]+(?:{_MODE})\b)"
)
_IS_NAME: Final = re.compile(_NAME)


def cut_off(urls: pl.Series) -> pl.DataFrame:
    """Split text in the URL's position, possibly followed by TLS details, into ``url`` and ``authority``."""

    def rule(texts: pl.Series) -> pl.DataFrame:
        found = [_parts(text) if text and " " in text else (text, None) for text in texts]
        return pl.DataFrame(found, schema={"url": pl.String, "authority": pl.String}, orient="row")

    return map_distinct(urls, rule)


def name_behind(rows: pl.DataFrame) -> pl.Series:
    """Return the server names logged for tunnels after the route in ``text``, null elsewhere.

    ``mime`` and ``more``, the two parts after the route, tell whether any line has room for one: searching the whole
    text of each line takes a fifteenth of the time of parsing it.
    """
    text, mime = rows["text"], rows["mime"].unique()
    room = rows["more"].is_not_null().any() or mime.str.contains("sni=|[,;]").any()
    if not room or not text.str.contains_any([*(f" {mode}" for mode in MODES[1:]), "sni="]).any():
        return pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    names = text.str.extract_groups(_BEHIND).struct.unnest()
    return names.select(pl.coalesce(pl.all())).to_series()


def _parts(text: str) -> tuple[str, str | None]:
    url, *more = text.split()
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    known = (word in MODES or word == "-" or (_IS_NAME.fullmatch(word) if not host else word == host) for word in more)
    if not all(known):
        return text, None
    return url, None if host else next((word for word in more if _IS_NAME.fullmatch(word)), None)
