"""Read in bulk the records of Check Point's XML whose markup is identical apart from the quoted values.

An exporter writes all records alike. Split at the quotes, a record is alternately markup and values; if its markup is
that of the first record, its values can be read by position, at a fifth of the cost of searching for names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from opencasb.discovery.formats.fields import cut_as_csv

MOST_PIECES: Final = 256
"""Pieces of a record beyond which it is not split."""

_ATTRIBUTE: Final = re.compile(r"\s([A-Za-z_][\w.:/-]*)\s*=\s*\Z", re.ASCII)
_OTHERWISE: Final = re.compile(r"(?i)</|\sname\s*=")
"""Markup of values that are not in attributes named after them."""


@dataclass(frozen=True, slots=True)
class Markup:
    """The pieces of markup (``marks``, by position), and which piece is the value of which lower-case name."""

    marks: Mapping[int, str]
    values: Mapping[str, int]

    @classmethod
    def of(cls, record: str) -> Markup | None:
        """Return the markup of a record, None unless all of its values are quoted attributes of distinct names."""
        pieces = record.split('"')
        marks = dict(list(enumerate(pieces))[::2])
        if len(pieces) > MOST_PIECES or len(pieces) % 2 == 0 or _OTHERWISE.search(record) or "'" in record:
            return None
        values: dict[str, int] = {}
        for place, mark in list(marks.items())[:-1]:
            found = _ATTRIBUTE.search(mark)
            if found is None or found[1].lower() in values:
                return None
            values[found[1].lower()] = place + 1
        return cls(marks, values)

    def place(self, keys: Sequence[str]) -> int | None:
        """Return the piece that holds the value of the first of these names that occurs."""
        return next((self.values[key] for key in keys if key in self.values), None)


def read_alike(rows: pl.DataFrame, fields: Mapping[str, Sequence[str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the records (``text``) that are like the first, with a column per field, and all others.

    ``fields`` are lower-case names; the first that a record has counts. Character references in values stay encoded.
    Records are texts without line ends.
    """
    markup = Markup.of(str(rows["text"].first())) if rows.height else None
    if markup is None:
        return rows.clear().with_columns(pl.lit(None, pl.String).alias(name) for name in fields), rows
    wanted = {name: markup.place(keys) for name, keys in fields.items()}
    places = {*markup.marks, *(place for place in wanted.values() if place is not None)}
    pieces = cut_as_csv(rows["text"], '"', {*places, max(places) + 1}, quote=None)  # none should have the last one
    alike = _follow(rows["text"], pieces, markup)
    absent = pl.lit(None, pl.String)
    read = rows.with_columns(
        (absent if place is None else pieces[f"_{place}"]).alias(name) for name, place in wanted.items()
    )
    return (read, rows.clear()) if alike.all() else (read.filter(alike), rows.filter(~alike))


def _follow(texts: pl.Series, pieces: pl.DataFrame, markup: Markup) -> pl.Series:
    """Tell which texts have this markup, and no other in their values."""
    text, more = pl.lit(texts), pl.col(pieces.columns[-1])
    single = text.str.count_matches("<", literal=True) == sum(mark.count("<") for mark in markup.marks.values())
    plain = ~text.str.contains("'", literal=True)
    same = [pl.col(f"_{place}") == mark for place, mark in markup.marks.items()]
    found = pieces.select(pl.all_horizontal(single, plain, more.fill_null("") == "", *same).alias("alike"))
    return found.to_series().fill_null(value=False)
