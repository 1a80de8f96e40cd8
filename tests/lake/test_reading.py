"""Missing and damaged files of the lake are reported as such, errors in queries unchanged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from opencasb.lake import changes
from opencasb.lake.changes import Place
from opencasb.lake.reading import DamagedLake, MissingFile, collected
from opencasb.lake.usage import Lake, stream_key
from opencasb.store.outage import Outage, outage_of
from tests.lake.rows import STREAM, names, usage


def cut(path: Path) -> None:
    """Truncate a file to its first half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def blank(path: Path) -> None:
    """Overwrite a file with zeros."""
    path.write_bytes(bytes(path.stat().st_size))


@pytest.fixture
def lake(lake: Lake) -> Lake:
    """A lake with one batch."""
    lake.append(1, usage(), names(), "a")
    return lake


@pytest.mark.parametrize("harm", [Path.unlink, cut, blank, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("table", ["usage", "names"])
def test_a_file_that_cannot_be_read_is_a_damage(
    lake: Lake, tmp_path: Path, table: str, harm: Callable[[Path], None]
) -> None:
    """It may be missing, truncated, empty or overwritten; operators see an outage of the lake."""
    (file,) = (tmp_path / "1" / table).rglob("*.parquet")
    harm(file)
    rows = lake.usage(1) if table == "usage" else lake.names(1)
    with pytest.raises(DamagedLake) as raised:
        collected(rows)
    assert outage_of(raised.value) == Outage("usage lake", "incomplete")


def test_the_feed_tells_a_missing_file_that_is_still_kept(lake: Lake, tmp_path: Path) -> None:
    """A client told to begin again would read the same file again, forever."""
    (file,) = (tmp_path / "1" / "usage").rglob("*.parquet")
    file.unlink()
    for place in (Place(lake.version(1)), changes.beginning(lake, 1)):
        with pytest.raises(MissingFile):
            changes.read(lake, 1, place, 10, [stream_key(STREAM)])


def test_a_mistake_in_a_query_is_none_of_the_lake(lake: Lake) -> None:
    """The original error is raised."""
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        collected(lake.usage(1).select("nothing"))


def test_a_log_that_cannot_be_read_is_a_damage(lake: Lake, tmp_path: Path) -> None:
    """This is a table's log, read by the library for the lake."""
    cut(max((tmp_path / "1" / "usage" / "_delta_log").glob("*.json")))
    with pytest.raises(Exception, match="Kernel error") as raised:
        Lake(lake.root).usage(1)
    assert outage_of(raised.value) == Outage("usage lake", "incomplete")
