"""Usage totals over periods: by stream, as in the Graph API, and merged (saas-management §3)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from opencasb.discovery.summaries import summarise
from opencasb.lake.usage import stream_key
from opencasb.model.stream import Stream
from opencasb.reporting.schema import APP_USAGE, APP_USAGE_BY_STREAM, PERIODS

if TYPE_CHECKING:
    import polars as pl


def ends(streams: Sequence[Stream], days: Mapping[int, Iterable[date]], as_of: date) -> dict[str, date]:
    """Return stream id → the last day of its periods as of ``as_of``: its newest day with usage up to then.

    ``days`` has each stream key's days with usage, ascending. Streams without any are omitted.
    """
    found: dict[str, date] = {}
    for stream in streams:
        known = list(days.get(stream_key(stream.stream_id), ()))
        at = bisect_right(known, as_of)
        if at:
            found[stream.stream_id] = known[at - 1]
    return found


def by_stream(
    rows: pl.LazyFrame, streams: Sequence[Stream], last_days: Mapping[str, date], as_of: date, period: str
) -> pl.DataFrame:
    """Return ``app_usage_by_stream`` for one day and period; ``last_days`` comes from :func:`ends`."""
    import polars as pl

    if not last_days:
        return pl.DataFrame(schema=APP_USAGE_BY_STREAM.polars_schema)
    length = timedelta(days=PERIODS[period] - 1)
    known = pl.DataFrame(
        [
            (stream_key(each.stream_id), each.stream_id, each.has_devices, last_days[each.stream_id])
            for each in streams
            if each.stream_id in last_days
        ],
        schema={"stream_key": pl.Int64, "StreamId": pl.String, "has_devices": pl.Boolean, "end": pl.Date},
        orient="row",
    )
    # The first condition limits the days read from the lake; only streams without new data need the second.
    within = rows.filter(pl.col("day").is_between(min(last_days.values()) - length, max(last_days.values())))
    mine = within.join(known.lazy().select("stream_key", "end"), on="stream_key", how="inner")
    summary = summarise(
        mine.filter(pl.col("day").is_between(pl.col("end") - length, pl.col("end"))), ("stream_key", "app_id")
    )
    devices = pl.when("has_devices").then("devices")
    return _table(summary.join(known, on="stream_key").with_columns(devices), as_of, period)


def merged(usage: pl.DataFrame) -> pl.DataFrame:
    """Return ``app_usage`` from ``app_usage_by_stream``.

    People, addresses and devices overlap between streams, so the highest count is taken; traffic is summed.
    """
    import polars as pl

    key = list(APP_USAGE.key)
    return (
        usage.group_by(key)
        .agg(
            pl.col("UserCount", "IpAddressCount", "DeviceCount").max(),
            pl.col("TransactionCount", "UploadedBytes", "DownloadedBytes", "TotalBytes").sum(),
            pl.col("FirstSeenDate").min(),
            pl.col("LastSeenDate").max(),
        )
        .select(*APP_USAGE.by_name)
        .sort(key)
    )


def _table(summary: pl.DataFrame, as_of: date, period: str) -> pl.DataFrame:
    import polars as pl

    return summary.select(
        pl.lit(as_of).alias("AsOfDate"),
        pl.lit(period).alias("Period"),
        "StreamId",
        pl.col("app_id").alias("AppId"),
        pl.col("users").alias("UserCount"),
        pl.col("ip_addresses").alias("IpAddressCount"),
        pl.col("devices").alias("DeviceCount"),
        pl.col("transactions").alias("TransactionCount"),
        pl.col("uploaded_bytes").alias("UploadedBytes"),
        pl.col("downloaded_bytes").alias("DownloadedBytes"),
        pl.col("total_bytes").alias("TotalBytes"),
        pl.col("first_seen").cast(pl.Datetime("ms")).dt.date().alias("FirstSeenDate"),
        pl.col("last_seen").cast(pl.Datetime("ms")).dt.date().alias("LastSeenDate"),
    ).sort(APP_USAGE_BY_STREAM.key)
