"""Delta tables at a location: the URL of an object store, or a directory with any characters in its name.

Rows are appended in one commit with the key of their batch. The logs of tables hold these keys, including those that
the table itself has forgotten (decision 0003).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import polars as pl
from arro3.core import Schema, Table
from deltalake import ColumnProperties, CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from opencasb.lake.reading import MissingFolder

ROW_GROUP: Final = 16_384
"""Rows per row group, of which the writer buffers one for each day.

At 131,072, writing 850,000 rows took 440 MB more and just as long.
"""

PIECE: Final = 65_536
"""Rows per piece handed to the writer: with 16,384, writing 400,000 rows took a fifth longer."""

NO_DICTIONARY: Final = ("uploaded_bytes", "downloaded_bytes", "total_bytes", "first_seen", "last_seen")
"""Columns in which nearly every value is distinct: with dictionaries a write took half as long again, and its files
were a third larger."""

WRITE_ATTEMPTS: Final = 5

CONFIGURATION: Final = {
    "delta.logRetentionDuration": "interval 1 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
    "delta.setTransactionRetentionDuration": "interval 400 days",
    "delta.checkpointInterval": "50",
}


class _LocalTable(DeltaTable):
    """Reports file paths as the file system has them: the library percent-encodes blanks and umlauts."""

    def file_uris(self, *given: Any, **named: Any) -> list[str]:  # as the library's
        """Return the paths of the current files."""
        return [unquote(path) for path in super().file_uris(*given, **named)]


def opened(location: str, options: dict[str, str] | None) -> DeltaTable | None:
    """Open the current version of a table; None if nothing has been written yet."""
    try:  # is_deltatable() would block every other thread on the object store
        return (DeltaTable if "://" in location else _LocalTable)(location, storage_options=options)
    except TableNotFoundError:
        return None


def append_rows(
    location: str,
    options: dict[str, str] | None,
    rows: pl.DataFrame,
    batch: Transaction | None = None,
    *,
    partition_by: str | None = None,
) -> bool:
    """Append rows despite concurrent commits; return False if another worker has written the same batch.

    A table that does not exist is created, partitioned by the given column.
    """
    if rows.is_empty() and batch is None:
        return True
    for left in reversed(range(WRITE_ATTEMPTS)):
        try:
            return _commit(location, options, rows, batch, partition_by)
        except CommitFailedError:  # others wrote the same batch, created the table, or added a column
            if not left:
                raise
    return False


def _commit(
    location: str,
    options: dict[str, str] | None,
    rows: pl.DataFrame,
    batch: Transaction | None,
    partition_by: str | None,
) -> bool:
    """Append rows to the table version checked for the batch: if it arrives in between, the commit fails."""
    pieces = Table.from_arrow(rows).rechunk(max_chunksize=PIECE)
    table = opened(location, options) or _made(location, options, pieces.schema, partition_by)
    if batch and table.transaction_version(batch.app_id) is not None:
        return False
    write_deltalake(
        table,
        pieces,
        mode="append",
        writer_properties=_properties(),
        commit_properties=CommitProperties(app_transactions=[batch] if batch else None),
        schema_mode="merge",
    )
    return True


def _made(location: str, options: dict[str, str] | None, schema: Schema, partition_by: str | None) -> DeltaTable:
    if "://" not in location:
        try:
            Path(location).mkdir(parents=True, exist_ok=True)
        except (FileNotFoundError, FileExistsError) as error:  # elsewhere, these are no outage
            raise MissingFolder(location) from error
    return DeltaTable.create(
        location, schema, "ignore", partition_by, configuration=CONFIGURATION, storage_options=options
    )


def _properties() -> WriterProperties:
    """Return the encoding of a table's files."""
    plain = dict.fromkeys(NO_DICTIONARY, ColumnProperties(dictionary_enabled=False))
    return WriterProperties(compression="ZSTD", max_row_group_size=ROW_GROUP, column_properties=plain)


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
