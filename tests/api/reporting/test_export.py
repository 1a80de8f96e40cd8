"""File exports over HTTP."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import timedelta

import polars as pl
import pytest

from opencasb.api.reporting import export
from tests.reporting.house import TODAY, House


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_part_of_a_table_is_exported(filled: House) -> None:
    """Both days are included; the totals equal those of the feed."""
    first, last = TODAY - timedelta(days=6), TODAY - timedelta(days=2)
    answer = filled.get(f"/export/v1/daily_usage.csv?from={first}&to={last}")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = rows_of(answer.text)
    truth = [row for row in filled.truth if first <= row.day <= last]
    assert sum(int(row["TotalBytes"]) for row in rows) == 3 * sum(row.size for row in truth)
    assert {row["AsOfDate"] for row in rows} == {row.day.isoformat() for row in truth}
    usage = rows_of(filled.get("/export/v1/app_usage.csv?period=p7d").text)
    feed = filled.rows("app_usage?$filter=Period eq 'P7D'")
    assert [int(row["TotalBytes"]) for row in usage] == [row["TotalBytes"] for row in feed]


def test_formulas_are_disarmed_unless_raw(filled: House) -> None:
    """The name of a stream is user input."""
    names = {row["StreamName"] for row in rows_of(filled.get("/export/v1/streams.csv").text)}
    assert "'=one-time report" in names
    raw = filled.get("/export/v1/streams.csv?raw=1&bom=true")
    assert raw.content.startswith(b"\xef\xbb\xbf")
    assert "=one-time report" in {row["StreamName"] for row in rows_of(raw.content.decode("utf-8-sig"))}
    assert raw.headers["etag"] != filled.get("/export/v1/streams.csv").headers["etag"]


def test_parquet_is_one_file(filled: House) -> None:
    """With all days."""
    answer = filled.get("/export/v1/app_usage_by_stream.parquet?from=2025-11-18")
    found = pl.read_parquet(io.BytesIO(answer.content))
    assert found["AsOfDate"].n_unique() == 3
    assert found.height == len(filled.rows("app_usage_by_stream?$filter=AsOfDate ge 2025-11-18"))


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("apps.xls", 404, "each as .csv, .jsonl, .parquet"),
        ("nothing.csv", 404, "there are streams, apps"),
        ("apps", 404, "There is no file 'apps'"),
        ("apps.csv?form=2025-01-01", 400, "'form' is unknown; allowed: from, to, period"),
        ("apps.csv?from=2025-01-01", 400, "apps, which has no days"),
        ("app_usage.csv?to=yesterday", 400, "'to' must be a day"),
        ("app_usage.csv?raw=perhaps", 400, "'raw' must be 1, true, 0 or false"),
    ],
)
def test_other_files_are_refused(filled: House, path: str, status: int, words: str) -> None:
    """With the available ones."""
    answer = filled.get(f"/export/v1/{path}")
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


def test_packing_goes_piece_by_piece() -> None:
    """For any pieces."""
    pieces = [b"", b"a" * 3_000_000, b"b", b""]
    assert gzip.decompress(b"".join(export.gzipped(pieces))) == b"".join(pieces)
