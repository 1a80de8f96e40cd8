"""What the catalog knows about apps, as the properties of discoveredCloudAppInfo (graph §3.5).

:data:`SOURCES` is the whole mapping. A property whose column the catalog does not have (yet), and an app without the
fact, is ``unknown`` or null: nothing is invented, and nothing is an error.
"""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType
from typing import Final

import polars as pl

from opencasb.api.graph.edm import Enum, Primitive, Property, squeezed
from opencasb.api.graph.entities import APP, APP_INFO

PREFIX: Final = "appInfo/"
"""What the names of facts begin with in paths, and in the columns made here."""

DESCRIPTION: Final = "description"
"""The one fact that is a property of the app itself."""

SOURCES: Final = MappingProxyType(
    {name: name for name in (*APP_INFO.properties, DESCRIPTION) if name != "id"}
    | {"encryptionProtocol": "tlsEncryptionProtocol"}
)
"""Property to the column of ``Catalog.apps`` that has it.

A column may be of the type nearest to its property: states text or Boolean; enumerations text in any spelling of a
member; flags and ``dataCenter`` lists of text; instants ms since the epoch, or dates.
"""


def join(rows: pl.DataFrame, apps: pl.DataFrame, names: Collection[str]) -> pl.DataFrame:
    """Return ``rows`` (with ``app_id``) and one more column for each name in ``names`` (``appInfo/vendor``).

    ``apps`` is the catalog's frame. The order of the rows stays.
    """
    wanted = {name: _property(name) for name in names if name not in rows.columns}
    known = {name: fact for name, fact in wanted.items() if SOURCES[fact.name] in apps.columns}
    if known:
        columns = [_column(fact, apps.schema[SOURCES[fact.name]]).alias(name) for name, fact in known.items()]
        needed = apps.join(rows.select("app_id"), on="app_id", how="semi").unique("app_id", keep="first")
        found = needed.select("app_id", *columns)
        rows = rows.join(found, on="app_id", how="left", maintain_order="left")
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
    """Return the catalog's column as the property's values; null where unknown."""
    column = pl.col(SOURCES[fact.name])
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
    plain = texts.str.to_lowercase().str.replace_all("[^a-z0-9]", "")
    return plain.replace_strict(spelled, default=None, return_dtype=pl.String)
