"""Export of the tables as a folder of Parquet files, on disk or in an object store, for tools that read folders.

Dated tables are partitioned: ``app_usage/AsOfDate=2025-11-20/part-00000.parquet``. The day is in the folder name only,
as Spark, DuckDB and Arrow expect. Repeating a dump replaces the earlier one file by file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opencasb.reporting.files import metadata
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import AS_OF, Table

if TYPE_CHECKING:
    import polars as pl
    from obstore.store import ObjectStore

    from opencasb.reporting.tables import ReportTables

LARGEST_FILE: Final = 256 * 1024 * 1024
"""Largest file in bytes (saas-management §6.2)."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a dump wrote for one table."""

    table: str
    rows: int
    files: int
    bytes: int


class Dump:
    """Writes tables below a directory or an object-store URL (credentials from the environment)."""

    def __init__(self, target: str, largest_file: int = LARGEST_FILE) -> None:
        """Open the target, creating a directory if missing. Raises ``ValueError`` for an invalid URL."""
        self._store = _opened(target)
        self._largest_file = largest_file

    def write(self, tables: ReportTables, reader: Reader, table: Table, wanted: Wanted) -> Written:
        """Write the wanted rows of a table."""
        rows = count = size = 0
        for folder, frame in _folders(tables, reader, table, wanted):
            contents = list(self._contents(frame, table))
            names = [f"{folder}/part-{number:05}.parquet" for number in range(len(contents))]
            for name, content in zip(names, contents, strict=True):
                self._store.put(name, content)
            self._remove_others(folder, set(names))
            rows, count, size = rows + frame.height, count + len(names), size + sum(map(len, contents))
        return Written(table.name, rows, count, size)

    def _contents(self, frame: pl.DataFrame, table: Table) -> Iterator[bytes]:
        """Yield the files of a folder: one, or halves of it until each is small enough."""
        file = io.BytesIO()
        frame.write_parquet(file, compression="zstd", metadata=metadata(table))
        if file.tell() <= self._largest_file or frame.height < 2:
            yield file.getvalue()
            return
        middle = frame.height // 2
        yield from self._contents(frame[:middle], table)
        yield from self._contents(frame[middle:], table)

    def _remove_others(self, folder: str, names: set[str]) -> None:
        """Remove surplus files of an earlier dump that had more of them, and nothing else."""
        found = [str(each["path"]) for page in self._store.list(f"{folder}/") for each in page]
        old = [path for path in found if path.startswith(f"{folder}/part-") and path not in names]
        if old:
            self._store.delete(old)


def _opened(target: str) -> ObjectStore:
    from obstore.store import LocalStore, from_url

    if "://" in target:
        return from_url(target)
    return LocalStore(Path(target), mkdir=True)


def _folders(tables: ReportTables, reader: Reader, table: Table, wanted: Wanted) -> Iterator[tuple[str, pl.DataFrame]]:
    for piece in tables.pieces(reader, table, wanted):
        if not table.is_dated:
            yield table.name, piece
            continue
        for (day,), rows in piece.partition_by(AS_OF, as_dict=True, maintain_order=True, include_key=False).items():
            if isinstance(day, date):
                yield f"{table.name}/{AS_OF}={day.isoformat()}", rows
