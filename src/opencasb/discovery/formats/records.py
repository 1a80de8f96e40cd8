"""Join the lines of multi-line records (log-formats §8).

Raw line ends inside a value (a directory user name, request headers, an XML export) split a record over several lines.
"""

from __future__ import annotations

from typing import Final

import polars as pl

MOST_LINES: Final = 64
"""Most lines in one record; later ones stand alone, so that a file with no second start is not held back whole."""

CONTINUED: Final = "part of the record above"
"""Why a line that was joined to another is not a transaction."""


_NO_LINES: Final = pl.DataFrame(schema={"line": pl.Int64, "text": pl.String})


class Records:
    """Remember a record that may continue in the next batch."""

    def __init__(self, start: str, other: str | None = None) -> None:
        """Take a regular expression that matches the first line of every record and no other line.

        ``other`` may match lines of other devices, which neither belong to a record nor continue.
        """
        self._start, self._other = start, other
        self._held: pl.DataFrame | None = None

    @property
    def held(self) -> pl.DataFrame:
        """The lines (``line``, ``text``) of the record held back."""
        return _NO_LINES if self._held is None else self._held

    def take(self, lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return whole records (``line`` of their first line, joined ``text``) and the lines joined to them.

        The last record is held back. Lines before the first start are records of their own.
        """
        lines = lines.select("line", "text")
        rows = lines if self._held is None else pl.concat([self._held, lines])
        own = rows["text"].str.contains(self._start).fill_null(value=False)
        rows = rows.with_columns(own.alias("own"), self._starts(rows["text"], own).alias("starts"))
        rows = rows.with_columns(pl.col("starts").cum_sum().alias("record"))
        head = pl.when("starts").then("own").forward_fill().fill_null(value=False)
        begun = pl.when("starts").then(pl.int_range(pl.len())).forward_fill()
        goes_on = ~pl.col("starts") & head & (pl.int_range(pl.len()) - begun < MOST_LINES)
        rows = rows.with_columns(goes_on.alias("goes_on"))
        last = (pl.col("record") == pl.col("record").max()) & ((pl.col("starts") & pl.col("own")) | pl.col("goes_on"))
        rows = rows.with_columns(last.alias("last"))
        self._held = rows.filter("last").select("line", "text")
        return _joined(rows.filter(~pl.col("last")))

    def _starts(self, texts: pl.Series, own: pl.Series) -> pl.Series:
        """Tell which lines begin a record or belong to another device; only non-starts are searched for the latter."""
        rest = (~own).arg_true()
        if self._other is None or rest.is_empty():
            return own
        return own.scatter(rest, texts.gather(rest).str.contains(self._other).fill_null(value=False))

    def finish(self) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """Return the record held back, in the form of :meth:`take`, or None."""
        held, self._held = self._held, None
        if held is None or held.is_empty():
            return None
        first = pl.int_range(pl.len()) == 0
        return _joined(held.with_columns(first.alias("starts"), ~first.alias("goes_on"), record=pl.lit(1)))


def _joined(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    rest = rows.filter("goes_on")
    heads = rows.filter(~pl.col("goes_on"))
    if rest.is_empty():
        return heads.select("line", "text"), rest.select("line")
    more = rest.group_by("record", maintain_order=True).agg(pl.col("text").str.join(" ").alias("more"))
    heads = heads.join(more, on="record", how="left", maintain_order="left")
    text = pl.when("starts").then(pl.concat_str("text", "more", separator=" ", ignore_nulls=True)).otherwise("text")
    return heads.select("line", text.alias("text")), rest.select("line")
