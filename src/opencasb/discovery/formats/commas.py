"""Split comma-separated lines whose quoted fields may hold commas and doubled quotes (RFC 4180), one record per line.

Some exports use another separator instead of the comma.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.fields import cut, cut_as_csv

_SHIELD: Final = "\ue000"
"""Stands for a comma inside a quoted field: a private-use character that no log contains."""
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_BARE: Final = r'[^"MARK]*'
_TIDY: Final = r'(?:[^"MARK ](?:[^"MARK]*[^"MARK ])?)?'
"""The same without surrounding blanks."""


def cut_columns(rows: pl.DataFrame, places: Mapping[str, int], separator: str = ",") -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with the fields at these positions (from 0), null if empty or missing.

    Well-formed lines are split by the CSV reader, ten times as fast as the others.
    """
    if not places:
        return rows
    texts = rows["text"]
    if not texts.null_count() and not texts.str.contains('"', literal=True).any():
        return rows.with_columns(_read(texts, places, separator))
    if texts.str.contains(_regular(separator, _TIDY)).fill_null(value=False).all():
        return rows.with_columns(_without_empty(field) for field in _as_csv(texts, places, separator))
    regular = texts.str.contains(_regular(separator, _BARE)).fill_null(value=False)
    if regular.all():
        return rows.with_columns(_read(texts, places, separator))
    if not regular.any():
        return rows.with_columns(_shielded(texts, places, separator))
    at, others = regular.arg_true(), (~regular).arg_true()
    fields = _read(texts.gather(at), places, separator)
    more = _shielded(texts.gather(others), places, separator)
    order = pl.concat([at, others]).arg_sort()
    return rows.with_columns(one.append(other).gather(order) for one, other in zip(fields, more, strict=True))


def _regular(separator: str, bare: str) -> str:
    """Return the pattern of lines whose quotes enclose whole fields only, with no blank next to them.

    Unquoted fields match ``bare``.
    """
    mark = re.escape(separator)
    letter = r'(?:[^" ]|"")'
    field = rf'(?:{bare.replace("MARK", mark)}|"(?:{letter}(?:(?:[^"]|"")*{letter})?)?")'
    return rf"^{field}(?:{mark}{field})*$"


def _read(texts: pl.Series, places: Mapping[str, int], separator: str) -> list[pl.Series]:
    """Return the fields of regular lines."""
    fields = _as_csv(texts, places, separator).get_columns()
    beside = texts.str.contains(f" {separator}", literal=True) | texts.str.contains(f"{separator} ", literal=True)
    if (beside | texts.str.starts_with(" ") | texts.str.ends_with(" ")).any():
        fields = [field.str.strip_chars(" ") for field in fields]
    return [_without_empty(field) for field in fields]


def _without_empty(field: pl.Series) -> pl.Series:
    empty = field == ""
    return field.set(empty, None) if empty.any() else field


def _as_csv(texts: pl.Series, places: Mapping[str, int], separator: str) -> pl.DataFrame:
    """Return the fields as split by the CSV reader."""
    empty = texts == ""
    lines = texts.set(empty, '""') if empty.any() else texts  # the reader skips empty lines
    parts = cut_as_csv(lines, separator, places.values(), quote='"')
    if parts.height != len(texts):  # a text contains line ends
        return _as_csv(texts.str.replace_all("\n", " ", literal=True), places, separator)
    return parts.select(pl.col(f"_{place}").alias(name) for name, place in places.items())


def _shielded(texts: pl.Series, places: Mapping[str, int], separator: str) -> list[pl.Series]:
    """Return the fields of lines with quotes anywhere."""
    shield = partial(_shield, separator)
    shielded = [None if text is None else _QUOTED.sub(shield, text) if '"' in text else text for text in texts]
    names = [f"_{place}" for place in range(max(places.values()) + 1)]
    parts = cut(pl.DataFrame({"text": pl.Series(shielded, dtype=pl.String)}), "text", separator, names)
    return [_without_empty(_bare(parts[f"_{place}"], separator)).alias(name) for name, place in places.items()]


def places_of(header: str, names: Mapping[str, Sequence[str]], separator: str = ",") -> dict[str, int]:
    """Return the position of each column in a header row, by the first of its lower-case names that occurs."""
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
