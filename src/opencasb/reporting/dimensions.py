"""The tables that facts refer to: streams, apps, their domains and their tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from opencasb.discovery.reports import describe
from opencasb.lake.usage import SUMS
from opencasb.model.categories import category_name
from opencasb.model.stream import Stream
from opencasb.reporting.schema import APP_DOMAINS, APP_TAGS, APPS, STREAMS, Table
from opencasb.store.tags import SANCTIONED, UNSANCTIONED

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog

SANCTIONS: Final = (SANCTIONED, UNSANCTIONED)


class GraphWords(Protocol):
    """What the Graph API calls things: it is an outer layer, so it is handed in."""

    @property
    def app_info(self) -> Table:
        """The table ``app_info``."""

    def category_keys(self, categories: pl.Series) -> pl.Series:
        """Return the members of appCategory that category ids stand for."""

    def provider(self, stream: Stream) -> str:
        """Return the member of logDataProvider of a stream."""

    def facts(self, app_ids: pl.Series, catalog: Catalog) -> pl.DataFrame:
        """Return the rows of ``app_info`` of the apps, in their order."""


def streams_table(streams: Sequence[Stream], words: GraphWords) -> pl.DataFrame:
    """Return ``streams``."""
    import polars as pl

    rows = [
        (
            each.stream_id,
            each.display_name,
            each.is_snapshot,
            words.provider(each),
            each.created,
            each.last_data_received,
        )
        for each in streams
    ]
    times = dict.fromkeys(("CreatedUtc", "LastDataUtc"), pl.Int64())
    made = pl.DataFrame(rows, schema={**STREAMS.polars_schema, **times}, orient="row")
    moments = pl.col(*times).cast(pl.Datetime("ms", "UTC"))
    return made.with_columns(moments).cast(STREAMS.polars_schema).sort(STREAMS.key)  # type: ignore[arg-type]


def described(app_ids: pl.DataFrame, catalog: Catalog, unlisted: Mapping[int, str]) -> pl.DataFrame:
    """Return name, category, domains and score of each of ``app_ids``, as reports have them."""
    import polars as pl

    nothing = [pl.lit(0).alias(name) for name in SUMS]
    return describe(app_ids.select(pl.col("app_id").cast(pl.Int64), *nothing), catalog, unlisted).sort("app_id")


def apps_table(
    found: pl.DataFrame, tags: Mapping[int, Sequence[str]], catalog: Catalog, words: GraphWords
) -> pl.DataFrame:
    """Return ``apps`` from the apps of :func:`described`."""
    import polars as pl

    names = {category: category_name(category) for category in found["category"].unique()}
    facts = words.facts(found["app_id"], catalog).select(
        pl.col("AppId").alias("app_id"), pl.col("vendor").alias("Vendor"), pl.col("headquarters").alias("Headquarters")
    )
    return (
        found.join(facts, on="app_id", how="left")
        .select(
            pl.col("app_id").alias("AppId"),
            pl.col("name").alias("AppName"),
            pl.col("category").replace_strict(names, return_dtype=pl.String).alias("AppCategory"),
            words.category_keys(found["category"]).alias("CategoryKey"),
            pl.col("score").alias("RiskScore"),
            "Vendor",
            "Headquarters",
            pl.Series("Sanction", [_sanction(tags.get(app_id, ())) for app_id in found["app_id"]], pl.String),
        )
        .cast(APPS.polars_schema)  # type: ignore[arg-type]
        .sort(APPS.key)
    )


def domains_table(found: pl.DataFrame) -> pl.DataFrame:
    """Return ``app_domains`` from the apps of :func:`described`."""
    import polars as pl

    pairs = found.select(pl.col("app_id").alias("AppId"), pl.col("domains").alias("Domain"))
    return _pairs(pairs.explode("Domain"), APP_DOMAINS)


def tags_table(found: pl.DataFrame, tags: Mapping[int, Sequence[str]]) -> pl.DataFrame:
    """Return ``app_tags`` from the apps of :func:`described`."""
    import polars as pl

    pairs = [(app_id, tag) for app_id in found["app_id"] for tag in tags.get(app_id, ())]
    return _pairs(pl.DataFrame(pairs, schema=APP_TAGS.polars_schema, orient="row"), APP_TAGS)


def _pairs(pairs: pl.DataFrame, table: Table) -> pl.DataFrame:
    return pairs.drop_nulls().unique(table.key).cast(table.polars_schema).sort(table.key)  # type: ignore[arg-type]


def _sanction(tags: Sequence[str]) -> str:
    return next((tag for tag in SANCTIONS if tag in tags), "None")
