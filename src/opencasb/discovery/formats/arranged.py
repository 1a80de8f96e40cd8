"""Reads at once the ``key=value`` lines of a batch whose wanted keys stand in the same places.

A device writes few arrangements of keys, which a sample of the lines tells. Lines are cut at the separator by the CSV
reader, once for all arrangements, at a third of the cost of looking for each key. A line belongs to an arrangement
when each of its wanted keys is in its place and no other wanted key occurs; all others are left to the caller.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import polars as pl

MOST_PLACES: Final = 128
"""Pieces of a line that are looked at."""

_SAMPLE: Final = 60
_SAMPLE_SHARE: Final = 20
"""One line of so many, and no more than :data:`_SAMPLE`, is what arrangements are learnt from."""

_MOST_ARRANGEMENTS: Final = 8
_LEAST_SHARE: Final = 0.05
"""Share of the sample below which an arrangement is not worth its check."""

_WORTH: Final = 0.5
"""Share of the sample that must be read so for it to be worth cutting any line."""

_OPEN: Final = "\ue001"
"""Stands between a key and its quoted value, which is a piece by itself."""

_PRIORITY: Final = r"^<\d{1,3}>"


@dataclass(frozen=True, slots=True)
class Place:
    """The piece of a line that has a key; its value follows in the next piece when it is quoted."""

    number: int
    is_quoted: bool


Arrangement = Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Arranged:
    """Lines cut into pieces ``_0``, ``_1`` ..., and for each arrangement the rows (Boolean) that follow it."""

    pieces: pl.DataFrame
    rows: list[tuple[Arrangement, pl.Series]]


def arranged(texts: pl.Series, keys: Collection[str], separators: str) -> Arranged | None:
    """Cut lines by the usual arrangements of ``keys``; None when few of them have one.

    ``separators`` are the characters between pairs; the one before most keys of the first line is cut at.
    """
    every = max(_SAMPLE_SHARE, -(-len(texts) // _SAMPLE))
    sample = [text for text in texts.gather_every(every) if text]
    if not sample:
        return None
    separator = max(separators, key=lambda mark: sum(f"{mark}{key}=" in sample[0] for key in keys))
    usual = _usual(sample, keys, separator)
    pieces = _cut(texts, usual, separator) if usual else None
    if pieces is None:
        return None
    plain = ~(texts.str.contains('\\"', literal=True) | texts.str.contains("\r", literal=True)).fill_null(value=True)
    strays = _strays(texts, {key for key in keys if not all(key in each for each in usual)}, separators)
    found: list[tuple[Arrangement, pl.Series]] = []
    for arrangement in usual:
        rows = plain & _follows(
            pieces, arrangement, {key: has for key, has in strays.items() if key not in arrangement}
        )
        found.append((arrangement, rows))
        plain = plain & ~rows
    return Arranged(pieces, found)


def _usual(sample: list[str], keys: Collection[str], separator: str) -> list[Arrangement]:
    """Return the most frequent arrangements of a sample; none when together they are not worth it."""
    piece = re.compile(rf'("(?:[^"]|"")*"|[^{separator}]*)(?:{separator}|$)')
    seen = Counter(tuple(_places(text, keys, separator, piece).items()) for text in sample)
    usual = [(each, count) for each, count in seen.most_common(_MOST_ARRANGEMENTS) if each]
    usual = [(each, count) for each, count in usual if count >= len(sample) * _LEAST_SHARE]
    if sum(count for _, count in usual) < len(sample) * _WORTH:
        return []
    return [dict(each) for each, _ in usual]


def _places(text: str, keys: Collection[str], separator: str, piece: re.Pattern[str]) -> dict[str, Place]:
    """Return where a line has keys; of a key twice, the first place."""
    found: dict[str, Place] = {}
    bare = re.sub(_PRIORITY, "", text, count=1).replace('="', f'={_OPEN}{separator}"')
    for number, hit in enumerate(piece.finditer(bare)):
        if number >= MOST_PLACES:
            break
        key, equals, value = hit[1].partition("=")
        if equals and key in keys and key not in found:
            found[key] = Place(number, is_quoted=value == _OPEN)
    return found


def _cut(texts: pl.Series, usual: list[Arrangement], separator: str) -> pl.DataFrame | None:
    """Return the pieces that any of the arrangements needs; None where quotes do not stand as in CSV."""
    import polars as pl

    places = [place for arrangement in usual for place in arrangement.values()]
    numbers = sorted({place.number for place in places} | {place.number + 1 for place in places if place.is_quoted})
    names = [f"_{number}" for number in range(numbers[-1] + 1)]
    header = pl.Series([separator.join(names)])
    lines = texts.str.replace_all('="', f'={_OPEN}{separator}"', literal=True).fill_null("")
    try:
        pieces = pl.read_csv(
            header.append(lines).str.join("\n").cast(pl.Binary).item(),
            separator=separator,
            columns=[names[number] for number in numbers],
            infer_schema=False,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError:  # something follows a closing quote
        return None
    if pieces.height != len(texts):
        return None
    return pieces.with_columns(pl.col("_0").str.replace(_PRIORITY, "")) if numbers[0] == 0 else pieces


def _strays(texts: pl.Series, keys: set[str], separators: str) -> dict[str, pl.Series]:
    """Return the rows that may have keys which not every arrangement has."""
    some = {key for key in keys if texts.str.contains(f"{key}=", literal=True).any()}  # a plain text costs least
    return {key: texts.str.contains(rf"(?:^|[{re.escape(separators)}>]){re.escape(key)}=") for key in some}


def _follows(pieces: pl.DataFrame, arrangement: Arrangement, strays: Mapping[str, pl.Series]) -> pl.Series:
    import polars as pl

    checks = [
        pl.col(f"_{place.number}") == f"{key}={_OPEN}"
        if place.is_quoted
        else pl.col(f"_{place.number}").str.starts_with(f"{key}=") & ~pl.col(f"_{place.number}").str.ends_with(_OPEN)
        for key, place in arrangement.items()
    ]
    none = [~pl.lit(has) for has in strays.values()]
    return pieces.select(pl.all_horizontal(*checks, *none).fill_null(value=False).alias("follows")).to_series()
