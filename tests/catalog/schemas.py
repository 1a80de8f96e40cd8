"""The columns of a catalog's tables, for tests that make their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

Columns = Mapping[str, pl.DataType | type[pl.DataType]]

APPS: Final[Columns] = {
    "app_id": pl.Int64,
    "name": pl.String,
    "category": pl.String,
    "domains": pl.List(pl.String),
    "score": pl.Int64,
    "vendor": pl.String,
    "flags": pl.List(pl.String),
}
FACTS: Final[Columns] = {
    "app_id": pl.Int32,
    **dict.fromkeys(("factor", "value", "source", "date", "confidence", "method", "evidence"), pl.String),
}
