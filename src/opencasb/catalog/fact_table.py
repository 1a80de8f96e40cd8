"""Facts as a table with one row per app and one typed column per factor, for filters and records with many facts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl

from opencasb.catalog.fact import value_of
from opencasb.model.factor import Factor, Kind
from opencasb.model.factors import FACTORS

NO_DATE: Final = "none"
"""The value instead of a date if there was no event, such as no breach."""


def fact_table(facts: pl.DataFrame, app_ids: pl.Series, keys: Collection[str]) -> pl.DataFrame:
    """Return the prevailing facts about some apps: app_id Int64 and a column for each key.

    States are Boolean, dates Date, years and ranks Int64, other numbers Float64, lists lists of text, the rest text.
    Unknown values are null; so are those that do not apply, except in lists of words, which name it. Apps without facts
    have no row.
    """
    wanted = facts.filter(pl.col("factor").is_in(list(keys)), pl.col("app_id").cast(pl.Int64).is_in(app_ids.implode()))
    believed = wanted.unique(("app_id", "factor"), keep="first", maintain_order=True)
    table = believed.select(pl.col("app_id").cast(pl.Int64)).unique(maintain_order=True)
    parts = believed.partition_by("factor", as_dict=True)
    for key in keys:
        part = parts.get((key,))
        if part is None:
            table = table.with_columns(pl.lit(None, column_type(FACTORS[key])).alias(key))
            continue
        column = part.select(pl.col("app_id").cast(pl.Int64), _typed(FACTORS[key], part["value"]).alias(key))
        table = table.join(column, on="app_id", how="left", maintain_order="left")
    return table


def column_type(factor: Factor) -> pl.DataType:
    """Return the type of a factor's column."""
    types: dict[Kind, pl.DataType] = {
        Kind.YES_NO: pl.Boolean(),
        Kind.DATE: pl.Date(),
        Kind.YEAR: pl.Int64(),
        Kind.RANK: pl.Int64(),
        Kind.NUMBER: pl.Float64(),
        Kind.LIST: pl.List(pl.String()),
    }
    return types.get(factor.kind, pl.String())


def _typed(factor: Factor, texts: pl.Series) -> pl.Series:
    """Return JSON texts as values; each distinct text is parsed once."""
    distinct = texts.unique()
    values = [_value(factor, text) for text in distinct]
    if factor.kind is Kind.DATE:
        read = pl.Series(values, dtype=pl.String).str.to_date("%Y-%m-%d", strict=False)
    else:
        read = pl.Series(values, dtype=column_type(factor), strict=False)
    known = pl.DataFrame({"value": distinct, "typed": read})
    return pl.DataFrame({"value": texts}).join(known, on="value", how="left", maintain_order="left")["typed"]


def _value(factor: Factor, text: str) -> object:
    value = value_of(factor.key, text)
    if isinstance(value, tuple):
        return list(value)
    if factor.kind is Kind.YES_NO:
        return value if isinstance(value, bool) else None
    return None if factor.kind is Kind.DATE and value == NO_DATE else value
