"""Read in bulk the CEF lines of a batch that have the same keys in the same positions.

Most lines of a log do, because the same product wrote them. The CSV reader splits them at blanks, and every piece is
checked against the first line's, so a line in another arrangement, or with a repeated key, is never misread; it is left
to :mod:`opencasb.discovery.formats.cef_fields`, at five times the cost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from opencasb.discovery.formats.fields import cut_as_csv

MOST_PIECES: Final = 40
"""Pieces of a line beyond which splitting it costs more than it saves."""

TRIED: Final = 200
"""Lines on which an arrangement is tried before the whole batch."""

_KEY: Final = re.compile(r"([A-Za-z0-9_.-]+)=", re.ASCII)
_HEADER_KEY: Final = re.compile(r"\|([A-Za-z0-9_.-]+)=", re.ASCII)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece between blanks: begins with ``mark`` (``src=``), contains it (``|src=``), or holds no key."""

    mark: str
    within: bool = False
    empty: bool = False


def arrangement(text: str) -> list[Piece] | None:
    """Return the pieces of a line, None if there are too many."""
    pieces = text.split(" ", MOST_PIECES + 1)
    return None if len(pieces) > MOST_PIECES else [_piece(piece, place) for place, piece in enumerate(pieces)]


def _piece(text: str, place: int) -> Piece:
    key, within = _KEY.match(text), _HEADER_KEY.search(text)
    if key is not None and place:  # a key follows a blank or a pipe
        return Piece(key[0])
    return Piece(within[0], within=True) if within is not None else Piece("", empty=not text)


def read_alike(
    rows: pl.DataFrame, keys: Collection[str], texts: Collection[str]
) -> tuple[pl.DataFrame, pl.Series] | None:
    """Return the values of keys in the lines like the first one, and which lines those are; None if they are few.

    The value of ``texts`` is everything up to the next key, that of other keys ends at a blank. A key that is absent
    from these lines has no column. Values are still escaped.
    """
    first = rows["text"].drop_nulls().first()
    pieces = arrangement(str(first)) if first is not None else None
    if pieces is None or not any(piece.mark for piece in pieces):
        return None
    tried = rows.head(TRIED)
    fitting = _alike(tried, _cut(tried, len(pieces)), pieces)
    if fitting.sum() * 2 < len(fitting):
        return None
    parts = _cut(rows, len(pieces))
    alike = _alike(rows, parts, pieces)
    if not alike.all():
        parts = parts.filter(alike)
    return _values(parts, pieces, keys, texts), alike


def _cut(rows: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the first ``count`` pieces of lines as columns ``_0`` ..., null if empty or missing."""
    return cut_as_csv(rows["text"].fill_null(""), " ", range(count), quote=None)


def _alike(rows: pl.DataFrame, parts: pl.DataFrame, pieces: Sequence[Piece]) -> pl.Series:
    columns = [pl.col(f"_{place}") for place in range(len(pieces))]
    like = parts.select(pl.all_horizontal(_is_like(*pair) for pair in zip(columns, pieces, strict=True)).alias("alike"))
    cut = parts.select(pl.sum_horizontal(column.str.len_bytes() for column in columns)).to_series() + len(pieces) - 1
    whole = rows["text"].str.len_bytes() == cut.cast(pl.UInt32)  # nothing after the last piece, not even blanks
    return (like["alike"] & whole).fill_null(value=False)


def _is_like(column: pl.Expr, piece: Piece) -> pl.Expr:
    if piece.empty:
        return column.is_null()
    if not piece.mark:
        return ~column.str.contains("=", literal=True)
    return column.str.contains(piece.mark, literal=True) if piece.within else column.str.starts_with(piece.mark)


def _values(
    parts: pl.DataFrame, pieces: Sequence[Piece], keys: Collection[str], texts: Collection[str]
) -> pl.DataFrame:
    places = {
        piece.mark.strip("|="): place for place, piece in enumerate(pieces) if piece.mark
    }  # of a repeated key, the last
    columns: list[pl.Expr] = []
    for key in keys:
        place = places.get(key)
        if place is None:
            continue
        column, piece = pl.col(f"_{place}"), pieces[place]
        value = column.str.splitn(piece.mark, 2).struct[1] if piece.within else column.str.strip_prefix(piece.mark)
        if key in texts:
            more = [pl.col(f"_{after}").fill_null("") for after in _continuation(pieces, place)]
            value = pl.concat_str(value, *more, separator=" ") if more else value
        columns.append(value.alias(key))
    return parts.select(columns)


def _continuation(pieces: Sequence[Piece], place: int) -> list[int]:
    """Return the positions of the pieces that continue the value at ``place``."""
    found: list[int] = []
    for after in range(place + 1, len(pieces)):
        if pieces[after].mark:
            break
        found.append(after)
    return found
