"""Upkeep of the lake changes how it lies, never what it says."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from opencasb.lake import maintenance
from opencasb.lake.usage import SUMS, Lake
from tests.lake.rows import DAY, STREAM, names, usage

NOW = 1_763_640_000_000


def test_compaction_keeps_every_sum_and_the_batch_keys(tmp_path: Path) -> None:
    """Many small files of a day become few rows with equal sums; a batch delivered again is still recognised."""
    lake = Lake(str(tmp_path))
    for batch in range(8):
        lake.append(1, usage(), names(), f"batch {batch}")
    before = sums(lake)
    assert maintenance.compact(lake, 1) == 1
    assert sums(lake) == before
    assert rows(lake).height == 3
    assert not lake.append(1, usage(), names(), "batch 3")
    assert maintenance.compact(lake, 1) == 0


def test_retention_removes_whole_days_and_only_old_ones(tmp_path: Path) -> None:
    """Days before the last 90 go; 0 keeps everything."""
    lake = Lake(str(tmp_path))
    old = DAY - timedelta(days=91)
    for day in (old, DAY - timedelta(days=90), DAY):
        lake.append(1, usage(day), names(), day.isoformat())
    maintenance.retain(lake, 1, 0, NOW)
    assert old in days(lake)
    maintenance.retain(lake, 1, 90, NOW)
    assert days(lake) == {DAY - timedelta(days=90), DAY}


def test_a_forgotten_stream_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    """Forgetting removes one stream's usage."""
    lake = Lake(str(tmp_path))
    lake.append(1, usage(), names(), "a")
    lake.append(1, usage(stream_id="b" * 24), names(), "b")
    maintenance.forget_stream(lake, 1, STREAM)
    maintenance.vacuum(lake, 1)
    assert rows(lake).height == 3


def test_upkeep_of_a_lake_that_was_never_written_does_nothing(tmp_path: Path) -> None:
    """A tenant without data needs no upkeep."""
    lake = Lake(str(tmp_path))
    maintenance.retain(lake, 1, 90, NOW)
    maintenance.vacuum(lake, 1)
    maintenance.forget_stream(lake, 1, STREAM)
    assert maintenance.compact(lake, 1) == 0


def rows(lake: Lake) -> pl.DataFrame:
    """Return the usage of tenant 1."""
    found = lake.usage(1)
    assert found is not None
    return found.collect()


def sums(lake: Lake) -> dict[str, int]:
    """Return every sum of tenant 1."""
    return rows(lake).select(pl.col(SUMS).sum()).row(0, named=True)


def days(lake: Lake) -> set[date]:
    """Return the days of tenant 1's usage."""
    return set(rows(lake)["day"])
