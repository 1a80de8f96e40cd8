"""The catalog's facts about apps, as properties of discoveredCloudAppInfo (graph §3.5).

A property without a fact is ``unknown`` or null: values are never made up, and their absence is not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final

import polars as pl

from opencasb.api.graph.edm import Enum, Primitive, Property, squeezed
from opencasb.api.graph.entities import APP, APP_INFO
from opencasb.catalog import countries
from opencasb.model.factors import FACTORS

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog

PREFIX: Final = "appInfo/"
"""Prefix of fact names in paths, and of the columns made here."""

DESCRIPTION: Final = "description"
"""The one property of the app itself that is derived from facts."""

KEYS: Final[Mapping[str, str]] = {name: factor.key for factor in FACTORS.values() for name in factor.graph}
"""Property → key of the factor whose facts it shows."""

_OF_COUNTRIES: Final = ("headquarters", "data_center")

_NEAREST: Final = {"20xmoderate": "moderate", "20xlow": "low", "v401": "v4"}
"""Values missing from the upstream enumerations → the closest member."""


Lookup = Callable[[pl.Series, Collection[str]], pl.DataFrame]
"""Maps app ids and property names to a frame with ``app_id`` and a column per property that has facts."""


def lookup(catalog: Catalog) -> Lookup:
    """Return a function that looks up facts in a catalog."""

    def found(app_ids: pl.Series, properties: Collection[str]) -> pl.DataFrame:
        named = {name: KEYS[name] for name in properties if name in KEYS}
        known = catalog.known(app_ids, list(dict.fromkeys(named.values())))
        facts = known.select(
            "app_id", *(_fact_value(key, known.schema[key]).alias(name) for name, key in named.items())
        )
        if DESCRIPTION not in properties:
            return facts
        return facts.join(catalog.descriptions(app_ids), on="app_id", how="full", coalesce=True)

    return found


def _fact_value(key: str, dtype: pl.DataType) -> pl.Expr:
    """Return the column of a factor; countries appear by name, as upstream."""
    if key not in _OF_COUNTRIES:
        return pl.col(key)
    names = countries.names()
    return pl.col(key).list.eval(pl.element().replace(names)) if dtype == pl.List else pl.col(key).replace(names)


def nothing(app_ids: pl.Series, _properties: Collection[str]) -> pl.DataFrame:
    """Look up facts for rows that are not apps: always empty."""
    return pl.DataFrame({"app_id": app_ids.clear()})


def join(rows: pl.DataFrame, facts: Lookup, names: Collection[str]) -> pl.DataFrame:
    """Return ``rows`` (with ``app_id``) with an extra column for each of ``names`` (``appInfo/vendor``).

    Columns of ``facts`` may have the type closest to the property: states as text or Boolean; enumerations as text in
    any spelling of a member; flags and ``dataCenter`` as lists of text; instants as ms since the epoch, or dates. Row
    order is preserved.
    """
    wanted = {name: _property(name) for name in names if name not in rows.columns}
    if not wanted:
        return rows
    found = facts(rows["app_id"], [fact.name for fact in wanted.values()]).unique("app_id", keep="first")
    known = {name: fact for name, fact in wanted.items() if fact.name in found.columns}
    columns = [_column(fact, found.schema[fact.name]).alias(name) for name, fact in known.items()]
    rows = rows.join(found.select("app_id", *columns), on="app_id", how="left", maintain_order="left")
    return rows.with_columns(
        (pl.col(name) if name in known else pl.lit(None, _dtype(fact))).pipe(_filled, fact).alias(name)
        for name, fact in wanted.items()
    )


def _property(name: str) -> Property:
    return APP.properties[name] if name == DESCRIPTION else APP_INFO.properties[name.removeprefix(PREFIX)]


def _dtype(fact: Property) -> pl.DataType:
    if fact.collection:
        return pl.List(pl.String())
    return pl.Int64() if fact.type in {Primitive.INT32, Primitive.INSTANT} else pl.String()


def _filled(column: pl.Expr, fact: Property) -> pl.Expr:
    return column.fill_null("unknown") if isinstance(fact.type, Enum) else column


def _column(fact: Property, dtype: pl.DataType) -> pl.Expr:
    """Convert the catalog's column to the property's values; null if unknown."""
    column = pl.col(fact.name)
    match fact.type:
        case Enum(flags=True) as enum:
            members = column.list.eval(_member(pl.element(), enum)).list.drop_nulls().list.join(",")
            return pl.when(members == "").then(pl.lit("none")).otherwise(members)
        case Enum() as enum:
            return _member(column.cast(pl.String), enum)
        case Primitive.INSTANT if dtype.is_temporal():
            return column.cast(pl.Datetime("ms")).cast(pl.Int64)
        case Primitive.INSTANT | Primitive.INT32:
            return column.cast(pl.Int64)
    if dtype == pl.List(pl.String) and not fact.collection:
        return column.list.join(", ")
    return column


def _member(texts: pl.Expr, enum: Enum) -> pl.Expr:
    spelled = {squeezed(member): member for member in enum.members}
    spelled |= {other: member for other, member in _NEAREST.items() if member in enum.members}
    plain = texts.str.to_lowercase().str.replace_all("[^a-z0-9]", "")
    return plain.replace_strict(spelled, default=None, return_dtype=pl.String)
