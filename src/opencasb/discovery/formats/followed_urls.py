"""URLs of hosts to follow, in formats where reading the URL of every line would cost too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from opencasb.discovery.formats.base import ParseContext


def with_urls(
    read: Callable[[pl.DataFrame, ParseContext], pl.DataFrame], lines: pl.DataFrame, context: ParseContext
) -> pl.DataFrame:
    """Return what ``read`` makes of ``lines``; if URLs are not wanted, the few to follow are read in a second look.

    ``read`` returns at most one row a line, with ``line`` and ``url``. Lines whose ``url`` is not null at first, for
    their host is followed, are read again with the context that wants URLs, and get what ``url`` is then.
    """
    rows = read(lines, context)
    if context.want_url or rows["url"].null_count() == rows.height:
        return rows
    at = rows["url"].is_not_null().arg_true()
    numbers = rows["line"].gather(at)
    again = lines.filter(pl.col("line").is_in(numbers.implode()))
    urls = read(again, replace(context, want_url=True)).select("line", "url")
    urls = numbers.to_frame().join(urls, on="line", how="left", maintain_order="left")
    return rows.with_columns(rows["url"].scatter(at, urls["url"]))
