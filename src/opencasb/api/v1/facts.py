"""Facts about apps: as columns for filters, and in the record of one app (api §12.4, §12.6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import polars as pl

from opencasb.filters.tree import Node, leaves
from opencasb.model.factor import Factor, Kind
from opencasb.model.factors import FACTORS

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.catalog.fact import Fact


def with_facts(frame: pl.DataFrame, catalog: Catalog, filters: Node) -> pl.DataFrame:
    """Add to rows with ``app_id`` a column for each risk factor that ``filters`` use.

    Dates are in ms since the epoch UTC; numbers are rounded to integers.
    """
    keys = sorted({leaf.field.column for leaf in leaves(filters)} & (FACTORS.keys() - set(frame.columns)))
    if not keys:
        return frame
    known = catalog.known(frame["app_id"], keys).select("app_id", *(_comparable(FACTORS[key]) for key in keys))
    joined = frame.join(known, on="app_id", how="left", maintain_order="left")
    lists = [pl.col(key).fill_null([]) for key in keys if FACTORS[key].kind is Kind.LIST]
    return joined.with_columns(lists)


def _comparable(factor: Factor) -> pl.Expr:
    column = pl.col(factor.key)
    if factor.kind is Kind.DATE:
        return column.cast(pl.Datetime("ms")).cast(pl.Int64)
    return column.round().cast(pl.Int64) if factor.kind is Kind.NUMBER else column


def info(facts: Iterable[Fact], vendor: str | None) -> dict[str, Any]:  # JSON
    """Return facts under the names that clients use for their factors; unknown facts are omitted.

    Booleans become the words ``true`` and ``false``, and ``notApplicable`` if a factor does not apply.
    """
    found: dict[str, Any] = {} if vendor is None else {"vendor": vendor}
    for fact in facts:
        for name in FACTORS[fact.factor].wire_names:
            found.setdefault(name, str(fact.value).lower() if isinstance(fact.value, bool) else fact.value)
    return found
