"""Delta tables at a location: a URL of an object store, or a directory, whatever letters its name has.

Their logs tell the keys of batches, also of those that the table itself has forgotten (decision 0003).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable


class _LocalTable(DeltaTable):
    """Tells where its files are as the file system has it: the library writes blanks and umlauts as URLs do."""

    def file_uris(self, *given: Any, **named: Any) -> list[str]:  # as the library's
        """Return the paths of the files that count now."""
        return [unquote(path) for path in super().file_uris(*given, **named)]


def opened(location: str, options: dict[str, str] | None) -> DeltaTable:
    """Open a table as it is now. Raises ``TableNotFoundError``."""
    return (DeltaTable if "://" in location else _LocalTable)(location, storage_options=options)


def keys_in_log(location: str, options: dict[str, str] | None) -> frozenset[str]:
    """Return the keys that the commits of a table tell, and its checkpoints: those of about a day.

    It reads every file of the log. ``options`` are those of the object store.
    """
    txn = {"txn": pl.Struct({"appId": pl.String})}
    log, more = f"{location}/_delta_log", pl.ScanCastOptions(extra_struct_fields="ignore")
    commits = pl.scan_ndjson(f"{log}/*.json", schema=txn, storage_options=options)
    # With the schema, it is no error that there is no checkpoint yet.
    checkpoints = pl.scan_parquet(
        f"{log}/*.checkpoint.parquet", schema=txn, extra_columns="ignore", cast_options=more, storage_options=options
    )
    return _keys(commits) | _keys(checkpoints)


def _keys(actions: pl.LazyFrame) -> frozenset[str]:
    found = actions.select(pl.col("txn").struct.field("appId")).drop_nulls().collect()
    return frozenset(found["appId"])
