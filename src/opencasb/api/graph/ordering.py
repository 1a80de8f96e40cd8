"""``$orderby`` (graph §5): keys of a total order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from opencasb.api.graph.comparisons import Operand
from opencasb.api.graph.errors import BadRequest, quoted

_KEY: Final = re.compile(r"\s*([\w/]+)(?:\s+(asc|desc))?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key."""

    values: pl.Expr
    descending: bool = False


def keys(text: str, resolve: Callable[[str], Operand | None]) -> list[Key]:
    """Return the sort keys of an ``$orderby``. Text sorts case-insensitively. Raises :class:`BadRequest`."""
    return [_key(part, resolve) for part in text.split(",")] if text else []


def _key(part: str, resolve: Callable[[str], Operand | None]) -> Key:
    parsed = _KEY.fullmatch(part)
    if parsed is None:
        raise BadRequest(f"The $orderby part {quoted(part)} must be a property, optionally followed by asc or desc.")
    found = resolve(parsed[1])
    if found is None or found.declared.collection:
        raise BadRequest(f"The property {quoted(parsed[1])} in $orderby does not exist or has no single value.")
    values = found.values.str.to_lowercase() if found.is_text else found.values
    return Key(values, (parsed[2] or "").lower() == "desc")


def ordered(frame: pl.DataFrame, wanted: list[Key]) -> pl.DataFrame:
    """Return ``frame`` sorted by ``wanted``; nulls come before all values, as OData prescribes."""
    descending = [key.descending for key in wanted]
    return frame.sort([key.values for key in wanted], descending=descending, nulls_last=descending)
