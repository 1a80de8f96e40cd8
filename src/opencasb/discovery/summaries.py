"""Usage summed by app, with what a catalog says of the apps (portal §2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from opencasb.catalog.scoring import with_given
from opencasb.discovery.destinations import UNRESOLVED_APP_ID
from opencasb.discovery.totals import NAMES
from opencasb.lake.reading import collected
from opencasb.lake.usage import SUMS
from opencasb.model.app import LOW_EVIDENCE

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog

UNRESOLVED_NAME: Final = "Unresolved addresses"


def summarise(rows: pl.LazyFrame, by: Sequence[str] = ("app_id",)) -> pl.DataFrame:
    """Sum usage rows to one row per app (or value of ``by``), with exact distinct users, addresses and devices.

    Distinct names are counted in memory, one kind after another: on ten million rows 1.2 s and 0.4 GB, against 2.1 s
    and 1.6 GB for a single streamed query.
    """
    import polars as pl

    sums = (pl.col(SUMS).sum(), pl.col("first_seen").min(), pl.col("last_seen").max())
    summary = collected(rows.group_by(by).agg(sums))
    for name, column in NAMES.items():
        distinct = pl.col(column).drop_nulls().n_unique().cast(pl.Int64).alias(name)
        counted = collected(rows.group_by(by).agg(distinct), "in-memory")
        summary = summary.join(counted, on=by, how="left")
    return summary.select(pl.col(by).cast(pl.Int64), *NAMES, *SUMS, "first_seen", "last_seen")


def describe(
    summary: pl.DataFrame,
    catalog: Catalog,
    unlisted: Mapping[int, str],
    given_scores: Mapping[int, int] = MappingProxyType({}),
    former: Mapping[int, str] = MappingProxyType({}),
) -> pl.DataFrame:
    """Add name, category, score, domains, flags and whether it is listed to a summary; ordered by total bytes.

    ``unlisted`` maps app ids to domains outside the catalog, ``given_scores`` has the scores that the tenant has set,
    ``former`` the names of the tenant's own apps that it deleted.
    """
    import polars as pl

    columns = ("app_id", "name", "category", "domains", "score", "flags")
    known = catalog.apps.select(*columns, pl.lit(value=True).alias("listed"))
    outside = {**unlisted, **former, UNRESOLVED_APP_ID: UNRESOLVED_NAME}
    names = pl.col("app_id").replace_strict(outside, default=None, return_dtype=pl.String)
    domains = pl.when(pl.col("app_id").is_in(list(unlisted))).then(pl.concat_list(names.fill_null("")))
    described = (
        summary.join(known, on="app_id", how="left")
        .with_columns(
            pl.coalesce("name", names, pl.format("App {}", "app_id")).alias("name"),
            pl.col("category").fill_null("SAASDB_CATEGORY_UNCLASSIFIED"),
            pl.coalesce("domains", domains.otherwise(pl.lit([], pl.List(pl.String)))).alias("domains"),
            pl.col("listed").fill_null(value=False),
            pl.col("flags").fill_null([]),
        )
        .sort("total_bytes", "transactions", "app_id", descending=[True, True, False])
        .pipe(with_given, given_scores)
    )
    return _with_marks(described, catalog, given_scores)


def _with_marks(apps: pl.DataFrame, catalog: Catalog, given_scores: Mapping[int, int]) -> pl.DataFrame:
    """Flag scores that rest on few facts, except those that somebody set."""
    import polars as pl

    scored = apps.filter(pl.col("score").is_not_null(), ~pl.col("app_id").is_in(list(given_scores)))["app_id"]
    few = catalog.with_few_facts(scored) if len(scored) else []
    marked = pl.col("flags").list.concat(pl.lit([LOW_EVIDENCE], pl.List(pl.String)))
    return apps.with_columns(pl.when(pl.col("app_id").is_in(few)).then(marked).otherwise("flags").alias("flags"))
