"""The shapes that a log may have."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from opencasb.discovery.inference.delimited import delimited
from opencasb.discovery.inference.pairs import pairs
from opencasb.discovery.inference.self_describing import self_describing
from opencasb.discovery.inference.shape import Shape


def shapes(rows: pl.DataFrame, *, syslog: bool) -> Iterator[Shape]:
    """Yield the possible shapes of the lines; ``rows`` has line, header and text, without wrappers if ``syslog``."""
    texts = [text for text in rows["text"] if text]
    if not texts:
        return
    own = {} if syslog else {"syslog": False}
    named = next(self_describing(rows, texts, own), None)
    if named is not None:
        yield named
        return
    yield from pairs(rows, texts, own)
    yield from delimited(rows, texts, own)
