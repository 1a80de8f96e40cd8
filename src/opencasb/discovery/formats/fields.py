"""Split texts into columns.

The split is done once and unnested by the frame: as an expression, each field would split the text again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl


def cut(rows: pl.DataFrame, column: str, separator: str, names: Sequence[str]) -> pl.DataFrame:
    """Add the parts of ``column`` between separators as columns: missing ones null, parts after the last dropped.

    A part without a name is left out. Splitting into a list is a quarter faster than splitting into a struct.
    """
    place = pl.col("_parts").list.get
    parts = [place(index, null_on_oob=True).alias(name) for index, name in enumerate(names) if name]
    return rows.with_columns(pl.col(column).str.split(separator).alias("_parts")).with_columns(parts).drop("_parts")


def cut_as_csv(texts: pl.Series, separator: str, places: Iterable[int], *, quote: str | None) -> pl.DataFrame:
    """Return the pieces of texts at these positions as columns ``_0``, ``_1`` ..., split by the CSV reader.

    Nothing splits faster. A missing piece is null, and an empty one may be; pieces after the last position are dropped.
    The result has a different number of rows if a text is null or contains line ends. Raises ``PolarsError`` if
    anything follows a closing quote.
    """
    wanted = sorted(set(places))
    header = separator.join(f"_{place}" for place in range(wanted[-1] + 1))
    return pl.read_csv(
        pl.Series([header]).append(texts).str.join("\n").cast(pl.Binary).item(),
        separator=separator,
        quote_char=quote,
        columns=[f"_{place}" for place in wanted],
        infer_schema=False,
        truncate_ragged_lines=True,
    )


def cut_n(rows: pl.DataFrame, column: str, separator: str, names: Sequence[str]) -> pl.DataFrame:
    """Add the parts of ``column`` between separators as columns; the last one takes the remainder."""
    parts = pl.col(column).str.splitn(separator, len(names)).struct.rename_fields(list(names))
    return rows.with_columns(parts.alias("_parts")).unnest("_parts")


def completed(rows: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Add the missing ones of these columns as null texts."""
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in rows.columns)


def match(rows: pl.DataFrame, column: str, pattern: str) -> pl.DataFrame:
    """Add the named groups of ``pattern`` as columns, null where it does not match."""
    return rows.with_columns(pl.col(column).str.extract_groups(pattern).alias("_groups")).unnest("_groups")
