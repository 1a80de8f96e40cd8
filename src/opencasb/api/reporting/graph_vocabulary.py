"""Graph API names in report feeds, so that both agree: categories, log sources, facts.

``app_info`` has the properties of discoveredCloudAppInfo under their names. Lists become comma-separated text, because
reporting tools cannot build relations on lists. A state (``isHipaaCompliant``) is a Boolean, null if unknown, with its
text in an additional column (``isHipaaCompliantState``).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from opencasb.api.graph.columns import APP_COLUMNS, stream_frame
from opencasb.api.graph.edm import Enum, Primitive, Property
from opencasb.api.graph.entities import APP, APP_INFO
from opencasb.api.graph.enums import STATE
from opencasb.api.graph.facts import lookup
from opencasb.api.graph.negotiation import Form
from opencasb.api.graph.rows import Rows
from opencasb.reporting.schema import Column, Table, Type

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.model.stream import Stream

TEXT: Final = "Text"
"""Suffix of the column with a state's text."""

_FORM: Final = Form(annotated=False, late_members=True)
_TYPES: Final = {Primitive.INT32: Type.INT64, Primitive.INSTANT: Type.INSTANT}
_PROPERTIES: Final = {name: each for name, each in APP_INFO.properties.items() if name != APP_INFO.key}


class GraphVocabulary:
    """The vocabulary of the Graph API, as implemented here."""

    @cached_property
    def app_info(self) -> Table:
        """The table ``app_info``."""
        columns = [column for each in _PROPERTIES.values() for column in _columns(each)]
        return Table("app_info", (Column("AppId", Type.INT64), *columns), ("AppId",))

    def category_keys(self, categories: pl.Series) -> pl.Series:
        """Return the appCategory members of category ids."""
        return categories.to_frame("category").select(APP_COLUMNS["category"].alias("key"))["key"]

    def provider(self, stream: Stream) -> str:
        """Return the logDataProvider member of a stream."""
        return str(stream_frame([stream])["logDataProvider"].item())

    def facts(self, app_ids: pl.Series, catalog: Catalog) -> pl.DataFrame:
        """Return the ``app_info`` rows of apps, sorted by app id."""
        rows = Rows(APP, pl.DataFrame({"app_id": app_ids}), APP_COLUMNS, ("app_id",), lookup(catalog))
        records = rows.app_infos({name: name for name in _PROPERTIES}, _FORM)
        values: dict[str, list[object]] = {name: [_text(record[name]) for record in records] for name in _PROPERTIES}
        made = {"AppId": app_ids.cast(pl.Int64)} | {
            column.name: _series(column, values[column.name.removesuffix(TEXT)]) for column in self.app_info.columns[1:]
        }
        return pl.DataFrame(made).sort("AppId")


def _columns(property_: Property) -> list[Column]:
    if property_.type is STATE:
        return [
            Column(property_.name, Type.BOOLEAN, nullable=True),
            Column(property_.name + TEXT, Type.STRING, nullable=True),
        ]
    kind = Type.STRING if isinstance(property_.type, Enum) else _TYPES.get(property_.type, Type.STRING)
    return [Column(property_.name, kind, nullable=True)]


def _series(column: Column, values: list[object]) -> pl.Series:
    match column.type:
        case Type.BOOLEAN:
            return pl.Series([{"true": True, "false": False}.get(str(value)) for value in values], dtype=pl.Boolean)
        case Type.INSTANT:
            return pl.Series(values, dtype=pl.String).str.to_datetime(time_unit="us", time_zone="UTC")
    return pl.Series(values, dtype=column.type.dtype)


def _text(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
