"""Follow the header rows of exports, which name the columns below them; a file may have several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import polars as pl

MOST_LAYOUTS: Final = 32
"""Distinct header rows followed per file; later ones change nothing."""


class Columns(msgspec.Struct, frozen=True):
    """Positions (from 0) of the wanted columns in a header row, and its separator."""

    places: dict[str, int]
    separator: str


class HeaderRows:
    """Remember the last header row."""

    def __init__(self, likely: str, read: Callable[[str], Columns | None]) -> None:
        """Take a regular expression that matches few lines but header rows, and a reader (None: not a header row)."""
        self._likely, self._reader = likely, read
        self._layouts: list[Columns | None] = [None]
        self._current = 0

    def take(self, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[Columns | None, pl.DataFrame]]]:
        """Return the header rows among ``rows`` (``text``), and the rest with the columns above them, None at first.

        Must be called batch by batch, in line order.
        """
        found = self._heads(rows)
        if not found:
            return rows.clear(), [(self._layouts[self._current], rows)] if rows.height else []
        numbers = pl.Series([None], dtype=pl.Int64).new_from_index(0, rows.height)
        numbers = numbers.scatter(list(found), list(found.values())).forward_fill().fill_null(self._current)
        self._current = int(numbers[-1])
        is_head = pl.int_range(pl.len()).is_in(list(found))
        records = rows.with_columns(numbers.alias("_layout")).filter(~is_head)
        parts = [
            (self._layouts[number], part.drop("_layout"))
            for (number,), part in records.partition_by("_layout", as_dict=True).items()
        ]
        return rows[list(found)], parts

    def _heads(self, rows: pl.DataFrame) -> dict[int, int]:
        found: dict[int, int] = {}
        current = self._current
        likely = rows.select(pl.col("text").str.contains(self._likely).fill_null(value=False)).to_series().arg_true()
        for row, text in zip(likely, rows["text"].gather(likely), strict=True):
            layout = self._reader(text)
            if layout is None:
                continue
            if layout not in self._layouts and len(self._layouts) <= MOST_LAYOUTS:
                self._layouts.append(layout)
            current = found[row] = self._layouts.index(layout) if layout in self._layouts else current
        return found
