"""The lake's tables: durable, exactly once, open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import polars as pl
import pytest

from opencasb.lake import changes, maintenance
from opencasb.lake import usage as usage_module
from opencasb.lake.delta_table import keys_in_log
from opencasb.lake.usage import Lake, stream_key
from tests.lake.rows import DAY, STREAM, names, usage


def test_a_batch_delivered_again_changes_nothing(lake: Lake) -> None:
    """The commit has the batch's key, so the second delivery is recognised; another key is another batch."""
    assert lake.append(1, usage(), names(), "first") is True
    assert lake.append(1, usage(), names(), "first") is False
    assert total(lake) == 6
    assert lake.append(1, usage(), names(), "second") is True
    assert total(lake) == 12


def test_keys_of_batches_go_when_nobody_asks_for_them_any_more(lake: Lake, tmp_path: Path) -> None:
    """Otherwise every past syslog segment would slow down all reads and writes."""
    segments = [f"segment {number}" for number in range(3)]
    lake.append(1, usage(), names(), "file")
    for segment in segments:
        assert lake.append(1, usage(), names(), segment, kept_ms=0) is True
    lake.append(1, usage(), names(), "fresh segment", kept_ms=60_000)
    opened = lake.snapshot(1, "usage")
    assert opened is not None
    opened.create_checkpoint()
    for known in (lake, Lake(lake.root)):
        assert [batch for batch in ("file", *segments, "fresh segment") if known.holds(1, batch)] == [
            "file",
            "fresh segment",
        ]
    (checkpoint,) = tmp_path.glob("1/usage/_delta_log/*.checkpoint.parquet")
    keys = pl.read_parquet(checkpoint)["txn"].drop_nulls().struct.field("appId")
    assert sorted(keys) == ["file", "fresh segment"]


def test_names_are_written_once(lake: Lake) -> None:
    """A name in the lake is not written again."""
    for batch in ("first", "second"):
        lake.append(1, usage(), names(), batch)
    assert lake.names(1).drop("unused_since").collect().sort("id").to_dicts() == names().sort("id").to_dicts()


def test_a_limited_number_of_tables_is_kept_open(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those used last; the others are opened again, at their current version."""
    monkeypatch.setattr(usage_module, "OPEN_TABLES", 2)
    for tenant_id in (1, 2, 3):
        lake.append(tenant_id, usage(), names(), "batch")
    kept = lake.table(1, "usage")
    for tenant_id in (2, 1, 3):
        assert lake.version(tenant_id) == 1
    assert sorted(lake._tables) == [lake.location(tenant_id, "usage") for tenant_id in (1, 3)]
    lake.append(2, usage(), names(), "another")
    assert lake.version(2) == 2
    assert lake.table(1, "usage") is not kept


def test_keys_read_from_a_log_are_kept_for_a_while_only(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of every tenant whose segments were ever tried again would fill the memory."""
    for tenant_id in (1, 2):
        lake.append(tenant_id, usage(), names(), "batch")
        assert lake.brought(tenant_id, "batch")
    assert sorted(lake._brought) == [1, 2]
    monkeypatch.setattr(usage_module, "LOG_READ_SECONDS", 0)
    assert lake.brought(1, "batch")
    assert not lake.brought(3, "batch")
    assert not lake._brought


def test_tenants_lie_apart(lake: Lake) -> None:
    """A tenant's tables contain nothing of other tenants."""
    lake.append(1, usage(), names(), "batch")
    assert lake.usage(2).collect().is_empty()
    assert lake.usage(2).collect_schema() == lake.usage(1).collect_schema()
    assert lake.version(2) == -1
    assert not lake.holds(2, "batch")


def test_the_tables_are_plain_parquet_with_the_documented_columns(tmp_path: Path) -> None:
    """Any Parquet reader finds the usage with documented names and types."""
    Lake(str(tmp_path)).append(1, usage(), names(), "batch")
    read = pl.read_parquet(tmp_path / "1" / "usage" / "**" / "*.parquet")
    assert read["transactions"].sum() == 6
    assert read["stream_key"].unique().to_list() == [stream_key(STREAM)]


def total(lake: Lake) -> int:
    """Return the transactions of tenant 1."""
    return int(lake.usage(1).select(pl.col("transactions").sum()).collect().item())


def test_the_first_batches_may_arrive_at_once(tmp_path: Path) -> None:
    """Each worker finds no table and creates it; none fails, and the same batch counts once."""
    lakes = [Lake(str(tmp_path)) for _ in range(6)]
    start = Barrier(len(lakes))

    def write(number: int) -> bool:
        start.wait()
        return lakes[number].append(1, usage(), names(), f"batch {number // 2}")

    with ThreadPoolExecutor(len(lakes)) as pool:
        assert sum(pool.map(write, range(len(lakes)))) == 3
    assert total(lakes[0]) == 3 * 6


@pytest.mark.parametrize("folder", ["My Logs", "Jürgen", "100 %", "a+b#c", "日本", "what? *all* {now}"])
def test_a_lake_may_lie_in_any_folder(tmp_path: Path, folder: str) -> None:
    """Reading and upkeep work with blanks, umlauts and characters of URLs and patterns in its name."""
    lake = Lake(str(tmp_path / folder))
    for batch in range(8):
        assert lake.append(1, usage(), names(), f"batch {batch}") is True
    assert total(Lake(lake.root)) == 8 * 6
    assert keys_in_log(lake.location(1, "usage"), None) == {f"batch {batch}" for batch in range(8)}
    rows, _ = changes.read(lake, 1, changes.beginning(lake, 1), 100, [stream_key(STREAM)])
    assert rows["transactions"].sum() == 8 * 6
    assert maintenance.compact(lake, 1) == 1
    maintenance.vacuum(lake, 1)
    maintenance.retain(lake, 1, 90, pl.Series([DAY]).cast(pl.Datetime("ms")).to_physical()[0])
    assert total(lake) == 8 * 6
