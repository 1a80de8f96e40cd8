"""The dimension tables: streams, apps, their domains and their tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from opencasb.model.categories import category_name
from opencasb.model.stream import Stream
from opencasb.reporting.schema import APP_DOMAINS, APP_TAGS, APPS, STREAMS, Table
from opencasb.store.tags import SANCTIONED, UNSANCTIONED

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog

SANCTIONS: Final = (SANCTIONED, UNSANCTIONED)


class GraphVocabulary(Protocol):
    """The Graph API's vocabulary, passed in because the API is an outer layer."""

    @property
    def app_info(self) -> Table:
        """The table ``app_info``."""

    def category_keys(self, categories: pl.Series) -> pl.Series:
        """Return the appCategory members for category ids."""

    def provider(self, stream: Stream) -> str:
        """Return the logDataProvider member for a stream."""

    def facts(self, app_ids: pl.Series, catalog: Catalog) -> pl.DataFrame:
        """Return the ``app_info`` rows of the apps, in order."""


def streams_table(streams: Sequence[Stream], vocabulary: GraphVocabulary) -> pl.DataFrame:
    """Return ``streams``."""
    import polars as pl

    rows = [
        (
            each.stream_id,
            each.display_name,
            each.is_snapshot,
            vocabulary.provider(each),
            each.created,
            each.last_data_received,
        )
        for each in streams
    ]
    times = dict.fromkeys(("CreatedUtc", "LastDataUtc"), pl.Int64())
    made = pl.DataFrame(rows, schema={**STREAMS.polars_schema, **times}, orient="row")
    moments = pl.col(*times).cast(pl.Datetime("ms", "UTC"))
    return made.with_columns(moments).cast(STREAMS.polars_schema).sort(STREAMS.key)  # type: ignore[arg-type]


def apps_table(found: pl.DataFrame, catalog: Catalog, vocabulary: GraphVocabulary) -> pl.DataFrame:
    """Return ``apps`` from the output of :meth:`opencasb.discovery.reports.Reports.described`."""
    import polars as pl

    names = {category: category_name(category) for category in found["category"].unique()}
    facts = vocabulary.facts(found["app_id"], catalog).select(
        pl.col("AppId").alias("app_id"), pl.col("vendor").alias("Vendor"), pl.col("headquarters").alias("Headquarters")
    )
    return (
        found.join(facts, on="app_id", how="left")
        .select(
            pl.col("app_id").alias("AppId"),
            pl.col("name").alias("AppName"),
            pl.col("category").replace_strict(names, return_dtype=pl.String).alias("AppCategory"),
            vocabulary.category_keys(found["category"]).alias("CategoryKey"),
            pl.col("score").alias("RiskScore"),
            "Vendor",
            "Headquarters",
            pl.coalesce(pl.when(pl.col("tags").list.contains(tag)).then(pl.lit(tag)) for tag in SANCTIONS)
            .fill_null("None")
            .alias("Sanction"),
        )
        .cast(APPS.polars_schema)  # type: ignore[arg-type]
        .sort(APPS.key)
    )


def domains_table(found: pl.DataFrame) -> pl.DataFrame:
    """Return ``app_domains`` from described apps."""
    import polars as pl

    pairs = found.select(pl.col("app_id").alias("AppId"), pl.col("domains").alias("Domain"))
    return _pairs(pairs.explode("Domain"), APP_DOMAINS)


def tags_table(found: pl.DataFrame) -> pl.DataFrame:
    """Return ``app_tags`` from described apps."""
    import polars as pl

    pairs = found.select(pl.col("app_id").alias("AppId"), pl.col("tags").alias("Tag"))
    return _pairs(pairs.explode("Tag"), APP_TAGS)


def _pairs(pairs: pl.DataFrame, table: Table) -> pl.DataFrame:
    return pairs.drop_nulls().unique(table.key).cast(table.polars_schema).sort(table.key)  # type: ignore[arg-type]
