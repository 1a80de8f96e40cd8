"""Look-up of hosts by their longest known suffix: one sorted search for a batch of hosts.

Reversed (``moc.emca.``), the hosts below a name are adjacent in text order: the names divide it into intervals, each
with the values of its innermost name. A million hosts take less than a third of the time of walking dictionaries, but a
hundred take 2 ms instead of 0.4 (bench/results-matching.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

_AFTER_DOT: Final = "/"
"""The character after the dot: the first text no longer below ``moc.emca.`` is ``moc.emca/``."""


def intervals(values: pl.DataFrame) -> pl.DataFrame:
    """Return an index's data: ``bound``, sorted, with the values that apply from there to the next bound.

    Takes ``name`` (distinct, lower case) and columns of values; a null inherits the value of the name above.
    """
    values = values.with_columns(backwards(values["name"]).alias("key")).sort("key")
    parents, bounds, inside = _intervals(values["key"].to_list())
    above = pl.Series(parents, dtype=pl.UInt32)
    at = pl.Series(inside, dtype=pl.UInt32)
    columns = values.drop("name", "key").get_columns()
    found = pl.DataFrame([_inherited(column, above).extend_constant(None, 1) for column in columns])
    at = at.fill_null(found.height - 1)
    return found.select(pl.Series("bound", bounds, dtype=pl.String), pl.all().gather(at))


class SuffixIndex:
    """Values that apply to a name and all names below it, unless one further down has its own."""

    def __init__(self, found: pl.DataFrame) -> None:
        """Take the result of :func:`intervals`."""
        self._bounds = found["bound"]
        self._values = found.drop("bound")

    def find(self, keys: pl.Series) -> pl.DataFrame:
        """Return the value columns for each of ``keys`` (:func:`backwards`), null where no name is a suffix."""
        at = self._bounds.search_sorted(keys, side="right") - 1
        return self._values[at]


def one_text(hosts: pl.Series) -> bytes:
    """Join hosts into one text, each on a line after a dot; a host with a line break yields several lines.

    An operation on the text takes a tenth of the time of doing it host by host.
    """
    return b"." + bytes(hosts.str.join("\n.").cast(pl.Binary).item()) if len(hosts) else b""


def lines_backwards(text: bytes) -> pl.Series:
    """Return each line of an ASCII :func:`one_text` :func:`backwards`."""
    if not text:
        return pl.Series(dtype=pl.String)
    return pl.read_lines(text[::-1]).to_series().rechunk().reverse()  # a tenth of the time with one chunk


def backwards(hosts: pl.Series) -> pl.Series:
    """Return the search keys of hosts: ``acme.com`` → ``moc.emca.``."""
    text = one_text(hosts)
    if text.isascii():
        keys = lines_backwards(text)
        if len(keys) == len(hosts):
            return keys
    return pl.Series([f".{host}"[::-1] for host in hosts], dtype=pl.String)


def _intervals(keys: Sequence[str]) -> tuple[list[int | None], list[str], list[int | None]]:
    """Return each sorted key's parent, the lower bounds of all intervals, and the key that each lies within.

    Written out and without look-ups, because this loop is half of the loading time.
    """
    parents: list[int | None] = []
    bounds = [""]
    inside: list[int | None] = [None]
    around: list[tuple[str, int | None]] = [("", None)]  # every key is below the root
    top, parent = around[0]
    for at, key in enumerate(keys):
        while not key.startswith(top):
            around.pop()
            bounds.append(top[:-1] + _AFTER_DOT)
            top, parent = around[-1]
            inside.append(parent)
        parents.append(parent)
        bounds.append(key)
        inside.append(at)
        top, parent = key, at
        around.append((key, at))
    while len(around) > 1:
        bounds.append(around.pop()[0][:-1] + _AFTER_DOT)
        inside.append(around[-1][1])
    return parents, bounds, inside


def _inherited(own: pl.Series, parents: pl.Series) -> pl.Series:
    while True:
        filled = own.fill_null(own.gather(parents)) if len(own) else own
        if filled.null_count() == own.null_count():
            return own
        own = filled
