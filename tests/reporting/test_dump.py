"""Dumps: folders that DuckDB and Arrow read as one table."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from opencasb.reporting.dump import LARGEST_FILE, Dump
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import APPS, DAILY_USAGE
from tests import object_store
from tests.reporting.house import House


def test_every_table_is_read_as_one_with_the_day_in_the_folder(filled: House, tmp_path: Path) -> None:
    """Independent readers read it; no file is larger than allowed."""
    tables, reader, dump = filled.casb.report_tables, Reader(filled.tenant_id), Dump(str(tmp_path))
    for table in tables.all.values():
        written = dump.write(tables, reader, table, Wanted())
        found = duckdb.execute(
            f"select count(*) from read_parquet('{tmp_path}/{table.name}/**/*.parquet', hive_partitioning=true)"
        ).fetchall()
        assert found == [(written.rows,)]
        assert written.rows == len(filled.rows(table.name))
    day = ds.partitioning(pa.schema([("AsOfDate", pa.date32())]), flavor="hive")
    daily = ds.dataset(tmp_path / "daily_usage", partitioning=day).to_table()
    assert sum(daily["TotalEvents"].to_pylist()) == sum(row.transactions for row in filled.truth)
    assert set(daily["AsOfDate"].to_pylist()) == {row.day for row in filled.truth}
    assert set(daily.column_names) == set(DAILY_USAGE.by_name)
    assert LARGEST_FILE == 256 * 1024 * 1024


def test_a_dump_goes_to_an_object_store(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written below the URL's path, with credentials from the environment."""
    with object_store.server() as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        target = f"s3://{object_store.BUCKET}/reports"
        written = Dump(target).write(filled.casb.report_tables, Reader(filled.tenant_id), APPS, Wanted())
        options = {"aws_endpoint_url": environment["AWS_ENDPOINT_URL"], "aws_allow_http": "true"}
        found = pl.read_parquet(f"{target}/apps/part-00000.parquet", storage_options=options)
    assert (found.height, written.files) == (5, 1)


def test_large_tables_are_cut_and_cut_tables_mended(filled: House, tmp_path: Path) -> None:
    """A later dump with fewer files deletes the surplus ones; other users' files remain."""
    tables, reader = filled.casb.report_tables, Reader(filled.tenant_id)
    many = Dump(str(tmp_path), largest_file=2000).write(tables, reader, APPS, Wanted())
    assert many.files == many.rows == 5
    (tmp_path / "apps" / "notes.txt").write_text("mine")
    one = Dump(str(tmp_path)).write(tables, reader, APPS, Wanted())
    assert (one.files, one.rows) == (1, 5)
    assert sorted(path.name for path in (tmp_path / "apps").iterdir()) == ["notes.txt", "part-00000.parquet"]
    assert duckdb.execute(f"select count(distinct AppId) from '{tmp_path}/apps/*.parquet'").fetchall() == [(5,)]
