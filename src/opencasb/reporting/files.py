"""Tables as files: CSV, JSON lines and Parquet."""

from __future__ import annotations

import re
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opencasb.model.spreadsheet import FORMULA
from opencasb.reporting.schema import VERSION, Table, Type

if TYPE_CHECKING:
    import polars as pl

_FORMULA: Final = f"^[{re.escape(''.join(FORMULA))}]"
_INSTANT: Final = "%Y-%m-%dT%H:%M:%S%.3fZ"


def csv(table: Table, pieces: Iterable[pl.DataFrame], *, raw: bool = False, bom: bool = False) -> Iterator[bytes]:
    """Yield a table as CSV (RFC 4180, UTF-8) in pieces; an empty field is null, an empty string is quoted.

    Text that a spreadsheet would take for a formula gets a leading apostrophe, unless ``raw``.
    """
    import polars as pl

    yield (BOM_UTF8 if bom else b"") + ",".join(table.by_name).encode() + b"\r\n"
    for piece in pieces:
        rows = _with_text_times(piece, table)
        if not raw:
            texts = pl.col([column.name for column in table.columns if column.type is Type.STRING])
            rows = rows.with_columns(
                pl.when(texts.str.contains(_FORMULA)).then(pl.lit("'") + texts).otherwise(texts).name.keep()
            )
        yield rows.write_csv(include_header=False, line_terminator="\r\n").encode()


def json_lines(table: Table, pieces: Iterable[pl.DataFrame]) -> Iterator[bytes]:
    """Yield a table in pieces, as one JSON object per line."""
    for piece in pieces:
        yield _with_text_times(piece, table).write_ndjson().encode()


def parquet(table: Table, pieces: Iterable[pl.DataFrame], path: Path) -> None:
    """Write a table as one Parquet file, with at most one piece in memory at a time."""
    import polars as pl

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        parts = [Path(folder) / "none.parquet"]
        pl.DataFrame(schema=table.polars_schema).write_parquet(parts[0])
        for number, piece in enumerate(pieces):
            parts.append(Path(folder) / f"{number}.parquet")
            piece.write_parquet(parts[-1])
        pl.scan_parquet(parts, glob=False).sink_parquet(path, compression="zstd", metadata=metadata(table))


def metadata(table: Table) -> dict[str, str]:
    """Return the metadata of a table's Parquet file."""
    return {"opencasb.table": table.name, "opencasb.version": VERSION}


MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
"""Media types by file extension."""


def _with_text_times(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    import polars as pl

    instants = [column.name for column in table.columns if column.type is Type.INSTANT]
    return rows.with_columns(pl.col(instants).dt.strftime(_INSTANT)) if instants else rows
