"""Upkeep of the lake changes how it lies, never what it says."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from opencasb.lake import maintenance
from opencasb.lake.usage import SUMS, Lake, merged
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


def test_a_stream_is_forgotten_while_its_days_are_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compaction that is faster moves the stream's usage; it is removed from where it is then."""
    lake, other = Lake(str(tmp_path)), Lake(str(tmp_path))
    for batch in range(8):
        lake.append(1, usage(), names(), f"batch {batch}")
    lake.append(1, usage(stream_id="b" * 24), names(), "b")
    snapshot, opened = lake.snapshot, 0

    def overtaken(tenant_id: int, name: str) -> DeltaTable | None:
        nonlocal opened
        opened += 1
        table = snapshot(tenant_id, name)
        if opened == 1:
            assert maintenance.compact(other, 1) == 1
        return table

    monkeypatch.setattr(lake, "snapshot", overtaken)
    maintenance.forget_stream(lake, 1, STREAM)
    assert (opened, rows(lake).height) == (2, 3)


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


def test_usage_that_arrives_during_a_compaction_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker appends and a report looks at the lake while a day is being rewritten: nothing is lost."""
    lake = Lake(str(tmp_path))
    for batch in range(8):
        lake.append(1, usage(), names(), f"batch {batch}")

    def disturbed(rows: pl.LazyFrame) -> pl.LazyFrame:
        found = merged(rows).collect()
        Lake(str(tmp_path)).append(1, usage(), names(), "meanwhile")
        lake.version(1)
        return found.lazy()

    before = sums(lake)
    with monkeypatch.context() as patched:
        patched.setattr(maintenance, "merged", disturbed)
        maintenance.compact(lake, 1)
    with_it = {name: each + each // 8 for name, each in before.items()}
    assert sums(lake) == with_it
    maintenance.compact(lake, 1)
    assert (sums(lake), rows(lake).height) == (with_it, 3)


def test_many_files_of_names_become_one(tmp_path: Path) -> None:
    """Joining them changes no name, and new ones are still recognised as new."""
    lake = Lake(str(tmp_path))
    named = [(f"user {number}", number) for number in range(maintenance.MANY_NAME_FILES + 1)]
    for name, number in named:
        frame = pl.DataFrame({"kind": ["user"], "id": [number], "name": [name]})
        lake.append(1, usage(), frame, name)
    maintenance.compact(lake, 1)
    table, found = lake.table(1, "names"), lake.names(1)
    assert table is not None
    assert found is not None
    assert len(table.file_uris()) == 1
    assert sorted(found.select("name", "id").collect().iter_rows()) == sorted(named)
    lake.append(1, usage(), frame, "known")
    assert lake.table(1, "names").version() == table.version()  # type: ignore[union-attr]  # it is there
