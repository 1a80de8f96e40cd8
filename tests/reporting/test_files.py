"""Report files, read back by independent readers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.reporting import files
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import APP_DOMAINS, APP_USAGE, APPS, DAILY_USAGE, STREAMS, VERSION
from tests.reporting.house import House

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']


def written(house: House, path: Path, *, raw: bool = False, users: bool = True) -> Path:
    """Write daily usage as CSV."""
    reader = Reader(house.tenant_id, sees_users=True)
    pieces = house.casb.report_tables.pieces(reader, DAILY_USAGE, Wanted(users=users))
    path.write_bytes(b"".join(files.csv(DAILY_USAGE, pieces, raw=raw)))
    return path


def test_csv_read_again_has_identical_sums(filled: House, tmp_path: Path) -> None:
    """DuckDB infers the types (saas-management §6.3)."""
    path = written(filled, tmp_path / "daily.csv")
    events, size, days = duckdb.execute(
        f"select sum(TotalEvents), sum(TotalBytes), count(distinct AsOfDate) from read_csv('{path}')"
    ).fetchall()[0]
    truth = filled.truth
    assert (events, size) == (sum(row.transactions for row in truth), 3 * sum(row.size for row in truth))
    assert days == len({row.day for row in truth})
    kinds = dict(duckdb.execute(f"select column_name, column_type from (describe from read_csv('{path}'))").fetchall())
    assert (kinds["AsOfDate"], kinds["TotalBytes"]) == ("DATE", "BIGINT")
    assert kinds["TimeGenerated"].startswith("TIMESTAMP")


@given(st.lists(CELLS | st.none(), min_size=1, max_size=5))
def test_any_text_survives_csv(texts: list[str | None]) -> None:
    """The file follows RFC 4180; nulls become empty fields, and empty strings are quoted."""
    rows = pl.DataFrame({"AppId": range(len(texts)), "Domain": texts}, schema=APP_DOMAINS.polars_schema)
    content = b"".join(files.csv(APP_DOMAINS, [rows], raw=True))
    assert content.startswith(b"AppId,Domain\r\n")
    read = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    assert [cells[1] for cells in read[1:]] == [text or "" for text in texts]
    assert content.count(b',""') >= sum(text == "" for text in texts)


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_spreadsheet_runs_a_cell(text: str) -> None:
    """An apostrophe precedes text that looks like a formula, unless raw text is requested; numbers are unchanged."""
    rows = pl.DataFrame({"AppId": [-5], "Domain": [text]}, schema=APP_DOMAINS.polars_schema)
    for raw, expected in ((False, f"'{text}"), (True, text)):
        content = b"".join(files.csv(APP_DOMAINS, [rows], raw=raw)).decode()
        assert list(csv.reader(io.StringIO(content, newline="")))[1] == ["-5", expected]


def test_a_mark_of_byte_order_is_written_on_request() -> None:
    """Some spreadsheets misread the encoding without one."""
    assert b"".join(files.csv(APPS, [], bom=True)).startswith(b"\xef\xbb\xbfAppId,AppName")


def test_lines_of_json_say_the_same(filled: House) -> None:
    """Each line is a row of the feed."""
    reader = Reader(filled.tenant_id)
    for table in (STREAMS, APPS, APP_USAGE):
        content = b"".join(files.json_lines(table, filled.casb.report_tables.pieces(reader, table, Wanted())))
        assert [json.loads(line) for line in content.splitlines()] == filled.rows(table.name)


def test_parquet_has_the_types_and_the_version(filled: House, tmp_path: Path) -> None:
    """Zstandard, timestamps in microseconds UTC, table and version in the metadata; even without rows."""
    reader, path = Reader(filled.tenant_id, sees_users=True), tmp_path / "daily.parquet"
    files.parquet(DAILY_USAGE, filled.casb.report_tables.pieces(reader, DAILY_USAGE, Wanted(users=True)), path)
    file = pq.ParquetFile(path)
    assert str(file.schema_arrow.field("TimeGenerated").type) == "timestamp[us, tz=UTC]"
    assert str(file.schema_arrow.field("AsOfDate").type) == "date32[day]"
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    kept = file.metadata.metadata
    assert (kept[b"opencasb.table"], kept[b"opencasb.version"]) == (b"daily_usage", VERSION.encode())
    assert file.read().num_rows == len(filled.rows("daily_usage?users=1"))
    assert duckdb.execute(f"select sum(TotalEvents) from '{path}'").fetchall() == [
        (sum(row.transactions for row in filled.truth),)
    ]
    path = path.parent / "reports [1]" / "apps *.parquet"  # not a pattern
    path.parent.mkdir()
    files.parquet(APPS, [], path)
    assert pq.ParquetFile(path).read().num_rows == 0
    assert pl.read_parquet(path, glob=False).schema == APPS.polars_schema
    assert list(path.parent.iterdir()) == [path]
