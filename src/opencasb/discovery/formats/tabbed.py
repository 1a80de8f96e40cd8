"""Read tab-separated ``key=value`` lines with a fixed key order, as a feed's template produces them.

The order is learnt from the first line of a batch, those of other record kinds from the first line that does not follow
it. Splitting at tabs then costs a fifth of searching for each key; lines that follow no order are read key by key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

import polars as pl

from opencasb.discovery.formats.fields import cut
from opencasb.discovery.formats.keyvalue import Field, Key, Pairs, unescaped

_PAIRS: Final = Pairs(r"\t")
_MOST_COLUMNS: Final = 256
_MOST_ORDERS: Final = 6


def read_tabbed(lines: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    """Return what :meth:`Pairs.read` returns for tab-separated pairs; rows may be in any order."""
    parts: list[pl.DataFrame] = []
    while lines.height and len(parts) < _MOST_ORDERS:
        read, others = _in_order(lines, fields)
        if read is None:
            break
        parts.append(read)
        lines = others
    if lines.height or not parts:
        parts.append(_PAIRS.read(lines, fields).select(*lines.columns, *fields))
    return pl.concat(parts)


def _in_order(lines: pl.DataFrame, fields: Mapping[str, Field]) -> tuple[pl.DataFrame | None, pl.DataFrame]:
    """Read the lines with the same keys in the same order as the first one; also return the other lines."""
    first = str(lines["text"].first())
    keys = [part.partition("=")[0] for part in first.split("\t")]
    wanted = {key.name for field in fields.values() for key in field}
    places = {key: place for place, key in reversed(list(enumerate(keys))) if key in wanted}
    if not places or len(keys) > _MOST_COLUMNS:
        return None, lines
    rows = cut(lines, "text", "\t", [f"_{place}" for place in range(len(keys) + 1)])
    in_place = [pl.col(f"_{place}").str.starts_with(f"{key}=") for key, place in places.items()]
    ends = pl.col(f"_{len(keys) - 1}").is_not_null() & pl.col(f"_{len(keys)}").is_null()
    follows = rows.select(pl.all_horizontal(ends, *in_place).fill_null(value=False)).to_series()
    follows &= ~_has_any(lines["text"], wanted - set(places))
    columns = [_column(field, places).alias(name) for name, field in fields.items()]
    read = rows.filter(follows).with_columns(columns).select(*lines.columns, *fields)
    return read, lines.filter(~follows)


def _has_any(texts: pl.Series, keys: Collection[str]) -> pl.Series:
    """Tell which lines have any of the keys that the first one lacks."""
    named = f"(?:{'|'.join(map(re.escape, sorted(keys)))})="
    together = pl.select("\t" + pl.lit(texts).str.join("\t")).to_series()  # searching one text is fastest
    if not keys or not together.str.contains(rf"\t{named}").any():
        return pl.repeat(value=False, n=len(texts), eager=True)
    return texts.str.contains(rf"(?:^|\t){named}").fill_null(value=False)


def _column(field: Field, places: Mapping[str, int]) -> pl.Expr:
    values = [_value(key, places[key.name]) for key in field if key.name in places]
    return pl.coalesce(values) if values else pl.lit(None, pl.String)


def _value(key: Key, place: int) -> pl.Expr:
    value = pl.col(f"_{place}").str.slice(len(key.name) + 1)
    if key.is_word:
        value = value.str.strip_chars('"\r')
    else:
        value = unescaped(value.str.strip_chars_end("\r").str.strip_prefix('"').str.strip_suffix('"'))
    return pl.when(value != "").then(value)
