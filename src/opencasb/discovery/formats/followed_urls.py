"""Read the URLs of followed hosts in formats where reading every line's URL would cost too much."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from msgspec.structs import replace

from opencasb.discovery.formats.base import ParseContext


def with_urls(
    read: Callable[[pl.DataFrame, ParseContext], pl.DataFrame], lines: pl.DataFrame, context: ParseContext
) -> pl.DataFrame:
    """Return what ``read`` makes of ``lines``; if URLs are not wanted, read the few followed ones in a second pass.

    ``read`` returns at most one row per line, with ``line`` and ``url``. Lines whose ``url`` is not null in the first
    pass, because their host is followed, are read again with a context that wants URLs, and take the ``url`` from that.
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
