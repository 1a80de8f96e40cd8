"""``daily_usage``: usage by day, stream and app, and optionally by user and address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from opencasb.lake.reading import collected
from opencasb.lake.usage import SUMS, stream_key
from opencasb.model.stream import Stream
from opencasb.reporting.schema import DAILY_USAGE

if TYPE_CHECKING:
    import polars as pl


def daily(
    rows: pl.LazyFrame,
    streams: Sequence[Stream],
    apps: pl.DataFrame,
    days: Sequence[date],
    names: pl.LazyFrame | None,
) -> pl.DataFrame:
    """Return the rows of some days; ``apps`` is the table of that name.

    Given the lake's ``names``, each user and address has a row of its own, with its name or pseudonym. ``RowId``
    consists of stream and app, plus the hashes of user and address if they are split: it reveals no names.
    """
    import polars as pl

    known = pl.DataFrame(
        [(stream_key(each.stream_id), each.stream_id, each.display_name) for each in streams],
        schema={"stream_key": pl.Int64, "StreamId": pl.String, "StreamName": pl.String},
        orient="row",
    )
    entities = [] if names is None else ["user_id", "ip_id"]
    summed = collected(
        rows.filter(pl.col("day").is_in(days), pl.col("stream_key").is_in(known["stream_key"].implode()))
        .group_by("day", "stream_key", "app_id", *entities)
        .agg(pl.col(SUMS).sum())
    )
    summed = summed.with_columns(pl.col("app_id").cast(pl.Int64)).join(known, on="stream_key")
    named = summed.with_columns(UserName=pl.lit(None, pl.String), IpAddress=pl.lit(None, pl.String))
    if names is not None:
        named = _with_name(_with_name(summed, names, "user", "UserName"), names, "ip", "IpAddress")
    described = named.join(
        apps.select(pl.col("AppId").alias("app_id"), "AppName", "AppCategory", pl.col("RiskScore").alias("AppScore")),
        on="app_id",
        how="left",
    )
    return _table(described, entities)


def _with_name(rows: pl.DataFrame, names: pl.LazyFrame, kind: str, column: str) -> pl.DataFrame:
    import polars as pl

    id_ = "user_id" if kind == "user" else "ip_id"
    wanted = names.filter(pl.col("kind") == kind).select(pl.col("id").alias(id_), pl.col("name").alias(column))
    used = collected(wanted.join(rows.lazy().select(id_).unique(), on=id_, how="semi").unique(id_))
    return rows.join(used, on=id_, how="left")


def _table(rows: pl.DataFrame, entities: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    hashes = [pl.col(name).cast(pl.String).fill_null("") for name in entities]
    return rows.select(
        pl.col("day").alias("AsOfDate"),
        pl.concat_str("StreamId", pl.col("app_id").cast(pl.String), *hashes, separator="-").alias("RowId"),
        pl.col("day").cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("TimeGenerated"),
        "StreamId",
        "StreamName",
        pl.col("app_id").alias("AppId"),
        "AppName",
        "AppCategory",
        "AppScore",
        "UserName",
        pl.lit(None, pl.String).alias("EnrichedUserName"),
        "IpAddress",
        pl.col("transactions").alias("TotalEvents"),
        pl.col("blocked_transactions").alias("BlockedEvents"),
        pl.col("uploaded_bytes").alias("UploadedBytes"),
        pl.col("downloaded_bytes").alias("DownloadedBytes"),
        pl.col("total_bytes").alias("TotalBytes"),
    ).sort(DAILY_USAGE.key)
