"""Comma-separated lines whose quoted fields may hold commas and doubled quotes (RFC 4180), a record a line.

Some exports have another separator in place of the comma.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from opencasb.discovery.formats.fields import cut

if TYPE_CHECKING:
    import polars as pl

_SHIELD: Final = "\ue000"
"""Stands for a comma inside a quoted field: a character without meaning, which no log carries."""
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')


def cut_columns(rows: pl.DataFrame, places: Mapping[str, int], separator: str = ",") -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with the fields at these places from 0, null where a line ends before."""
    import polars as pl

    if not places:
        return rows
    shield = partial(_shield, separator)
    texts = [_QUOTED.sub(shield, text) if '"' in text else text for text in rows["text"]]
    names = [f"_{place}" for place in range(max(places.values()) + 1)]
    parts = cut(pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}), "text", separator, names)
    return rows.with_columns(_bare(parts[f"_{place}"], separator).alias(name) for name, place in places.items())


def places_of(header: str, names: Mapping[str, Sequence[str]], separator: str = ",") -> dict[str, int]:
    """Return where a header row has the columns: of the several names in lower case of each, the first it has."""
    written = [_SPACES.sub(" ", name.strip().strip('"').strip().lower()) for name in _cells(header, separator)]
    found = {column: [name for name in known if name in written] for column, known in names.items()}
    return {column: written.index(hits[0]) for column, hits in found.items() if hits}


_SPACES: Final = re.compile(r"\s+")


def _cells(header: str, separator: str) -> list[str]:
    cells = _QUOTED.sub(partial(_shield, separator), header).split(separator)
    return [cell.replace(_SHIELD, separator) for cell in cells]


def _shield(separator: str, quoted: re.Match[str]) -> str:
    return quoted[0].replace(separator, _SHIELD)


def _bare(field: pl.Series, separator: str) -> pl.Series:
    field = field.str.strip_chars(" ")
    bare = field.str.strip_prefix('"').str.strip_suffix('"')
    return bare.str.replace_all('""', '"', literal=True).str.replace_all(_SHIELD, separator, literal=True)
