"""Delta tables at a location: the URL of an object store, or a directory with any characters in its name.

Their logs hold the keys of batches, including those that the table itself has forgotten (decision 0003).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable


class _LocalTable(DeltaTable):
    """Reports file paths as the file system has them: the library percent-encodes blanks and umlauts."""

    def file_uris(self, *given: Any, **named: Any) -> list[str]:  # as the library's
        """Return the paths of the current files."""
        return [unquote(path) for path in super().file_uris(*given, **named)]


def opened(location: str, options: dict[str, str] | None) -> DeltaTable:
    """Open the current version of a table. Raises ``TableNotFoundError``."""
    return (DeltaTable if "://" in location else _LocalTable)(location, storage_options=options)


def keys_in_log(location: str, options: dict[str, str] | None) -> frozenset[str]:
    """Return the batch keys in a table's commits and checkpoints: those of about a day.

    This reads every file of the log. ``options`` are those of the object store.
    """
    txn = {"txn": pl.Struct({"appId": pl.String})}
    log, more = f"{location}/_delta_log", pl.ScanCastOptions(extra_struct_fields="ignore")
    commits = pl.scan_ndjson(f"{log}/*.json", schema=txn, storage_options=options)
    # Given the schema, a missing checkpoint is not an error.
    checkpoints = pl.scan_parquet(
        f"{log}/*.checkpoint.parquet", schema=txn, extra_columns="ignore", cast_options=more, storage_options=options
    )
    return _keys(commits) | _keys(checkpoints)


def _keys(actions: pl.LazyFrame) -> frozenset[str]:
    found = actions.select(pl.col("txn").struct.field("appId")).drop_nulls().collect()
    return frozenset(found["appId"])
