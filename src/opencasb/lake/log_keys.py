"""The keys of batches in the log of a table, also of those that the table itself has forgotten (decision 0003)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


def keys_in_log(location: str, options: dict[str, str] | None) -> frozenset[str]:
    """Return the keys that the commits of a table tell, and its checkpoints: those of about a day.

    It reads every file of the log. ``options`` are those of the object store.
    """
    import polars as pl

    kind = pl.Struct({"appId": pl.String})
    commits = pl.scan_ndjson(f"{location}/_delta_log/*.json", schema={"txn": kind}, storage_options=options)
    checkpoints = pl.scan_parquet(f"{location}/_delta_log/*.checkpoint.parquet", storage_options=options)
    try:
        older = _keys(checkpoints)
    except (pl.exceptions.ComputeError, FileNotFoundError):  # there is none yet
        older = frozenset()
    return older | _keys(commits)


def _keys(actions: pl.LazyFrame) -> frozenset[str]:
    import polars as pl

    found = actions.select(pl.col("txn").struct.field("appId")).drop_nulls().collect()
    return frozenset(found["appId"])
