"""Read in bulk the ``key=value`` lines of a batch whose wanted keys are in the same positions.

A device writes few arrangements of keys, and a sample of the lines reveals them. The CSV reader splits lines at the
separator, once for all arrangements, at a third of the cost of searching for each key. A line follows an arrangement if
each of its wanted keys is in its position and no other wanted key occurs; all other lines are left to the caller.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final

import msgspec
import polars as pl

from opencasb.discovery.formats.fields import cut_as_csv

MOST_PLACES: Final = 128
"""Pieces of a line that are examined."""

_SAMPLE: Final = 60
_SAMPLE_SHARE: Final = 20
"""Arrangements are learnt from one line in this many, but from no more than :data:`_SAMPLE`."""

_MOST_ARRANGEMENTS: Final = 8
_LEAST_SHARE: Final = 0.05
"""Share of the sample below which an arrangement is not worth checking for."""

_WORTH: Final = 0.5
"""Share of the sample that arrangements must cover for splitting any line to be worthwhile."""

_OPEN: Final = "\ue001"
"""Separates a key from its quoted value, which is a piece of its own."""

END: Final = ""
"""Stands for a key where an arrangement has the position after the last piece."""

_PRIORITY: Final = r"^<\d{1,3}>"


class Place(msgspec.Struct, frozen=True):
    """The piece of a line that holds a key; a quoted value is in the next piece."""

    number: int
    is_quoted: bool


class Writing(msgspec.Struct, frozen=True):
    """How pairs are written: the separators, what follows a key, and whether values are quoted.

    Values that are never quoted may contain the separator. A line is then read only if every value is followed by a key
    (a regular expression) and it has no more pieces than usual.
    """

    separators: str
    equals: str = "="
    is_quoted: bool = True
    key: str = r"[A-Za-z_][\w-]*"


Arrangement = Mapping[str, Place]


class Arranged(msgspec.Struct, frozen=True):
    """Lines split into pieces ``_0``, ``_1`` ..., and for each arrangement the rows (Boolean) that follow it."""

    pieces: pl.DataFrame
    rows: list[tuple[Arrangement, pl.Series]]


def arranged(texts: pl.Series, keys: Collection[str], writing: Writing) -> Arranged | None:
    """Split lines by the usual arrangements of ``keys``; None if too few lines follow one.

    The separator is the one that precedes most keys of the first line.
    """
    every = max(_SAMPLE_SHARE, -(-len(texts) // _SAMPLE))
    sample = [text for text in texts.gather_every(every) if text]
    if not sample:
        return None
    marks = {mark: sum(f"{mark}{key}{writing.equals}" in sample[0] for key in keys) for mark in writing.separators}
    separator = max(marks, key=marks.__getitem__)
    usual = _usual(sample, keys, writing, separator)
    pieces = _cut(texts, usual, writing, separator) if usual else None
    if pieces is None:
        return None
    plain = ~(texts.str.contains('\\"', literal=True) | texts.str.contains("\r", literal=True)).fill_null(value=True)
    strays = _strays(texts, {key for key in keys if not all(key in each for each in usual)}, writing)
    found: list[tuple[Arrangement, pl.Series]] = []
    for arrangement in usual:
        rows = plain & _follows(
            pieces, arrangement, writing, {key: has for key, has in strays.items() if key not in arrangement}
        )
        found.append((arrangement, rows))
        plain = plain & ~rows
    return Arranged(pieces, found)


def read_unquoted(rows: pl.DataFrame, keys: Collection[str], writing: Writing) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows (``text``) of usual arrangements with a column per key, null where empty; and the other rows."""
    found = arranged(rows["text"], keys, writing)
    if found is None:
        return rows.clear().with_columns(pl.lit(None, pl.String).alias(key) for key in keys), rows
    parts = []
    for arrangement, follow in found.rows:
        pieces = found.pieces.filter(follow)
        values = {
            key: pieces[f"_{arrangement[key].number}"].str.strip_prefix(f"{key}{writing.equals}")
            if key in arrangement
            else pl.lit(None, pl.String)
            for key in keys
        }
        parts.append(rows.filter(follow).with_columns(**values))
    read = pl.concat(parts)
    others = ~pl.select(pl.any_horizontal(follow for _, follow in found.rows)).to_series()
    return read.with_columns(pl.when(pl.col(key) != "").then(key).alias(key) for key in keys), rows.filter(others)


def _usual(sample: list[str], keys: Collection[str], writing: Writing, separator: str) -> list[Arrangement]:
    """Return the most frequent arrangements of a sample; none if together they are not worthwhile."""
    seen = Counter(tuple(_places(text, keys, writing, separator).items()) for text in sample)
    usual = [(each, count) for each, count in seen.most_common(_MOST_ARRANGEMENTS) if any(key for key, _ in each)]
    usual = [(each, count) for each, count in usual if count >= len(sample) * _LEAST_SHARE]
    if sum(count for _, count in usual) < len(sample) * _WORTH:
        return []
    return [dict(each) for each, _ in usual]


def _places(text: str, keys: Collection[str], writing: Writing, separator: str) -> dict[str, Place]:
    """Return the positions of a line's keys, for a repeated key the first one."""
    found: dict[str, Place] = {}
    pieces = _pieces(re.sub(_PRIORITY, "", text, count=1), writing, separator)
    for number, piece in enumerate(pieces[:MOST_PLACES]):
        key, equals, value = piece.partition(writing.equals)
        if equals and key in keys and key not in found:
            found[key] = Place(number, is_quoted=value == _OPEN)
    return found if writing.is_quoted else _with_ends(found, pieces, writing)


def _with_ends(found: dict[str, Place], pieces: list[str], writing: Writing) -> dict[str, Place]:
    """Add the keys that follow values, and END after the last piece; empty if a value is not followed by a key."""
    while pieces and not pieces[-1]:
        pieces.pop()
    for place in list(found.values()):
        for number, piece in enumerate(pieces[place.number + 1 : place.number + 2], place.number + 1):
            key = piece.partition(writing.equals)[0]
            if key == piece or not re.fullmatch(writing.key, key):
                return {}
            found.setdefault(key, Place(number, is_quoted=False))
    return {**found, END: Place(len(pieces), is_quoted=False)}


def _pieces(text: str, writing: Writing, separator: str) -> list[str]:
    if not writing.is_quoted:
        return text.split(separator)
    marked = text.replace('="', f'={_OPEN}{separator}"')
    return re.findall(rf'("(?:[^"]|"")*"|[^{separator}]*)(?:{separator}|$)', marked)


def _cut(texts: pl.Series, usual: list[Arrangement], writing: Writing, separator: str) -> pl.DataFrame | None:
    """Return the pieces that any arrangement needs; None if the quoting is not CSV."""
    places = [place for arrangement in usual for place in arrangement.values()]
    quoted = {place.number + 1 for place in places if place.is_quoted}
    numbers = {place.number for place in places} | quoted
    lines = texts.fill_null("")
    if writing.is_quoted:
        lines = lines.str.replace_all('="', f'={_OPEN}{separator}"', literal=True)
    try:
        pieces = cut_as_csv(lines, separator, numbers, quote='"' if writing.is_quoted else None)
    except pl.exceptions.PolarsError:  # text follows a closing quote
        return None
    if pieces.height != len(texts):
        return None
    pieces = pieces.with_columns(_restored(pieces[f"_{number}"], _OPEN + separator) for number in quoted)
    return pieces.with_columns(pl.col("_0").str.replace(_PRIORITY, "")) if 0 in numbers else pieces


def _restored(values: pl.Series, mark: str) -> pl.Series:
    """Return quoted values without the marks inserted where they contain an equals sign before a quote."""
    marked = values.str.contains(mark, literal=True).fill_null(value=False)
    return values.str.replace_all(mark, "", literal=True) if marked.any() else values


def _strays(texts: pl.Series, keys: set[str], writing: Writing) -> dict[str, pl.Series]:
    """Return, for each key that not every arrangement has, the rows that may contain it."""
    pairs = {key: f"{key}{writing.equals}" for key in keys}
    some = {key for key in keys if texts.str.contains(pairs[key], literal=True).any()}  # a literal is cheapest
    before = f"(?:^|[{re.escape(writing.separators)}>])"
    any_pair = "|".join(re.escape(pairs[key]) for key in sorted(some))
    if len(some) > 1 and not texts.str.contains(f"{before}(?:{any_pair})").any():  # but only in other keys
        return {}
    return {key: texts.str.contains(before + re.escape(pairs[key])) for key in some}


def _follows(
    pieces: pl.DataFrame, arrangement: Arrangement, writing: Writing, strays: Mapping[str, pl.Series]
) -> pl.Series:
    checks = [~pl.lit(has) for has in strays.values()]
    for key, place in arrangement.items():
        piece, start = pl.col(f"_{place.number}"), f"{key}{writing.equals}"
        if key == END:
            checks.append(piece.is_null())
        elif place.is_quoted:
            checks.append(piece == start + _OPEN)
        else:
            checks.append(piece.str.starts_with(start) & ~piece.str.ends_with(_OPEN))
    return pieces.select(pl.all_horizontal(checks).fill_null(value=False).alias("follows")).to_series()
