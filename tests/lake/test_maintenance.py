"""Upkeep of the lake changes its files, never its contents."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from opencasb.lake import maintenance
from opencasb.lake.delta_table import append_rows
from opencasb.lake.usage import SUMS, Lake, merged
from tests.lake.rows import DAY, STREAM, fill, names, usage

NOW = 1_763_640_000_000


def test_compaction_keeps_every_sum_and_the_batch_keys(lake: Lake) -> None:
    """A day's many small files become few rows with equal sums; a repeated batch is still recognised."""
    fill(lake, 8)
    before = sums(lake)
    assert maintenance.compact(lake, 1) == 1
    assert sums(lake) == before
    assert rows(lake).height == 3
    assert not lake.append(1, usage(), names(), "batch 3")
    assert maintenance.compact(lake, 1) == 0


def test_retention_removes_whole_days_and_only_old_ones(lake: Lake) -> None:
    """Days before the last 90 are deleted; 0 keeps everything."""
    old = DAY - timedelta(days=91)
    for day in (old, DAY - timedelta(days=90), DAY):
        lake.append(1, usage(day), names(), day.isoformat())
    maintenance.retain(lake, 1, 0, NOW)
    assert old in days(lake)
    maintenance.retain(lake, 1, 90, NOW)
    assert days(lake) == {DAY - timedelta(days=90), DAY}


def test_a_forgotten_stream_is_gone_and_the_others_stay(lake: Lake) -> None:
    """Only the deleted stream's usage is removed."""
    lake.append(1, usage(), names(), "a")
    lake.append(1, usage(stream_id="b" * 24), names(), "b")
    maintenance.forget_stream(lake, 1, STREAM)
    maintenance.vacuum(lake, 1)
    assert rows(lake).height == 3


def test_files_of_writes_that_were_given_up_go_after_a_day(lake: Lake, tmp_path: Path) -> None:
    """A killed worker, or a compaction overtaken by others, leaves files without a commit."""
    lake.append(1, usage(), names(), "a")
    folder = next((tmp_path / "1" / "usage").glob("day=*"))
    left, under_way = folder / "part-left.parquet", folder / "part-under-way.parquet"
    [counted] = folder.glob("*.parquet")
    for path in (left, under_way):
        path.write_bytes(counted.read_bytes())
    for path in (left, counted):
        os.utime(path, (path.stat().st_mtime - 25 * 3600,) * 2)
    maintenance.vacuum(lake, 1)
    assert sorted(folder.glob("*.parquet")) == sorted([counted, under_way])
    assert rows(lake).height == 3


def test_a_stream_is_forgotten_while_its_days_are_rewritten(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a compaction is faster and moves the stream's usage, it is removed from its new files."""
    other = Lake(lake.root)
    fill(lake, 8)
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


def test_upkeep_of_a_lake_that_was_never_written_does_nothing(lake: Lake) -> None:
    """A tenant without data needs no upkeep."""
    maintenance.retain(lake, 1, 90, NOW)
    maintenance.vacuum(lake, 1)
    maintenance.forget_stream(lake, 1, STREAM)
    assert maintenance.compact(lake, 1) == 0


def rows(lake: Lake) -> pl.DataFrame:
    """Return the usage of tenant 1."""
    return lake.usage(1).collect()


def sums(lake: Lake) -> dict[str, int]:
    """Return every sum of tenant 1."""
    return rows(lake).select(pl.col(SUMS).sum()).row(0, named=True)


def days(lake: Lake) -> set[date]:
    """Return the days of tenant 1's usage."""
    return set(rows(lake)["day"])


def test_usage_that_arrives_during_a_compaction_is_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost if a worker appends and a report reads while a day is being rewritten."""
    fill(lake, 8)

    def disturbed(rows: pl.LazyFrame) -> pl.LazyFrame:
        found = merged(rows).collect()
        Lake(lake.root).append(1, usage(), names(), "meanwhile")
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


def test_many_files_of_names_become_one(lake: Lake) -> None:
    """Joining them changes no name, and new ones are still recognised as new."""
    named = [(f"user {number}", number) for number in range(maintenance.MANY_NAME_FILES + 1)]
    for name, number in named:
        frame = pl.DataFrame({"kind": ["user"], "id": [number], "name": [name]})
        lake.append(1, usage(), frame, name)
    maintenance.compact(lake, 1)
    table = lake.table(1, "names")
    assert table is not None
    assert len(table.file_uris()) == 1
    assert sorted(lake.names(1).select("name", "id").collect().iter_rows()) == sorted(named)
    lake.append(1, usage(), frame, "known")
    assert lake.table(1, "names").version() == table.version()  # type: ignore[union-attr]  # it is there


HOUR = 3_600_000


def test_names_go_a_day_after_their_last_usage(lake: Lake) -> None:
    """They are deleted neither earlier nor twice; names used by kept usage remain."""
    lake.append(1, usage(DAY - timedelta(days=91)), names(), "old")
    lake.append(1, usage().filter(pl.col("user_id") == 1), names(), "new")
    maintenance.retain(lake, 1, 90, NOW)
    assert known(lake) == {"ana", "10.0.0.1", "ben", "10.0.0.2"}
    version = lake.snapshot(1, "names").version()  # type: ignore[union-attr]  # it is there
    maintenance.retain(lake, 1, 90, NOW + 23 * HOUR)
    assert lake.snapshot(1, "names").version() == version  # type: ignore[union-attr]  # it is there
    maintenance.retain(lake, 1, 90, NOW + 24 * HOUR)
    assert known(lake) == {"ana", "10.0.0.1"}


def test_names_of_a_deleted_source_go_even_when_usage_is_kept_for_ever(lake: Lake) -> None:
    """Names without usage are not kept."""
    lake.append(1, usage(), names(), "batch")
    maintenance.forget_stream(lake, 1, STREAM)
    for hours in (0, 24):
        maintenance.retain(lake, 1, 0, NOW + hours * HOUR)
    assert known(lake) == set()


@pytest.mark.parametrize("names_written", [False, True], ids=["before its names", "after its names"])
@pytest.mark.parametrize("marked", [False, True], ids=["known names", "marked names"])
def test_a_batch_on_its_way_keeps_its_names(
    lake: Lake, *, marked: bool, names_written: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If upkeep runs between a batch's check of the names and its usage, each usage row still has its names."""
    upkeep = Lake(lake.root)
    lake.append(1, usage(DAY - timedelta(days=91)), names(), "old")
    hours = 24 if marked else 1
    if marked:
        maintenance.retain(upkeep, 1, 90, NOW)

    def disturbed(location: str, *given: Any, **named: Any) -> bool:  # as append_rows
        if location.endswith("/usage") is names_written:
            maintenance.retain(upkeep, 1, 90, NOW + hours * HOUR)
        return append_rows(location, *given, **named)

    monkeypatch.setattr("opencasb.lake.delta_table.append_rows", disturbed)
    lake.append(1, usage(), names(), "new")
    for later in (25, 49):
        maintenance.retain(upkeep, 1, 90, NOW + later * HOUR)
    assert known(lake) == {"ana", "10.0.0.1", "ben", "10.0.0.2"}


def test_names_that_arrive_during_their_retention_are_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is rewritten from a snapshot: a name appended meanwhile is not lost."""
    lake.append(1, usage(DAY - timedelta(days=91)), names(), "old")
    new = pl.DataFrame({"kind": ["user"], "id": [3], "name": ["eve"]})
    used_ids = maintenance._used_ids

    def disturbed(rows: pl.LazyFrame) -> pl.DataFrame:
        Lake(lake.root).append(1, usage().with_columns(user_id=pl.lit(3, pl.Int64)), new, "meanwhile")
        return used_ids(rows)

    with monkeypatch.context() as patched:
        patched.setattr(maintenance, "_used_ids", disturbed)
        maintenance.retain(lake, 1, 90, NOW)
    for hours in (1, 25):
        maintenance.retain(lake, 1, 90, NOW + hours * HOUR)
    assert "eve" in known(lake)
    assert "ben" not in known(lake)


def test_names_of_an_earlier_version_are_marked_and_removed(lake: Lake) -> None:
    """A table without the column of marks gets it with the first change."""
    lake.append(1, usage().filter(pl.col("user_id") == 1), names(), "batch")
    write_deltalake(lake.location(1, "names"), names(), mode="overwrite", schema_mode="overwrite")
    lake.append(1, usage().filter(pl.col("user_id") == 1), names(), "again")
    for hours in (0, 24):
        maintenance.retain(lake, 1, 90, NOW + hours * HOUR)
    assert known(lake) == {"ana", "10.0.0.1"}


def known(lake: Lake) -> set[str]:
    """Return the names of tenant 1."""
    found = Lake(lake.root).names(1)
    assert found is not None
    return set(found.collect()["name"])
