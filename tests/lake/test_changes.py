"""Every row that a commit brought is told once, whatever is done to the table meanwhile."""

from __future__ import annotations

import random
import threading
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.lake import changes, maintenance
from opencasb.lake.changes import Place, PlaceGone
from opencasb.lake.usage import Lake, stream_key
from tests.lake.rows import DAY, STREAM, names, usage

NOW = 1_763_640_000_000
STREAMS = [stream_key(STREAM)]


def follow(lake: Lake, place: Place, most: int = 2) -> tuple[pl.DataFrame, Place]:
    """Return everything behind a place, read in small steps by a reader that has nothing but its place."""
    found: list[pl.DataFrame] = []
    while True:
        rows, after = changes.read(Lake(lake.root), 1, Place.unpack(place.pack()), most, STREAMS)
        assert rows.height <= most
        found.append(rows)
        if after == place:
            return pl.concat(found), place
        assert after > place
        place = after


def total(rows: pl.DataFrame) -> int:
    """Return the number of transactions."""
    return int(rows["transactions"].sum())


def test_rows_come_in_the_order_of_commits(tmp_path: Path) -> None:
    """With the number of the commit and theirs in it; a commit of two days is one."""
    lake = Lake(str(tmp_path))
    assert follow(lake, changes.beginning(lake, 1))[1] == Place(0) == changes.end(lake, 1)
    lake.append(1, usage(transactions=1), names(), "a")
    lake.append(1, pl.concat([usage(transactions=10), usage(DAY - timedelta(days=1), transactions=20)]), names(), "b")
    rows, place = follow(lake, Place(0))
    last = lake.version(1)
    expected = [(last - 1, 0), (last - 1, 1), (last - 1, 2), *((last, row) for row in range(6))]
    assert rows.select("version", "row").rows() == expected
    assert sorted(rows["transactions"]) == [1, 2, 3, 10, 11, 12, 20, 21, 22]
    assert rows["day"].n_unique() == 2
    assert place == changes.end(lake, 1)


@pytest.mark.parametrize("seed", range(4))
def test_upkeep_repeats_and_loses_nothing(tmp_path: Path, seed: int) -> None:
    """Batches, compaction, retention and reads in any order, by readers that began anywhere."""
    dice, lake = random.Random(seed), Lake(str(tmp_path))  # noqa: S311 -- no secret
    told, sent, place = 0, 0, Place(0)
    for step in range(24):
        match dice.choice(["batch", "batch", "compact", "retain", "read"]):
            case "batch":
                lake.append(1, usage(DAY - timedelta(days=dice.choice([0, 0, 95]))), names(), f"batch {step}")
                sent += 6
            case "compact":
                maintenance.compact(lake, 1)
            case "retain":
                maintenance.retain(lake, 1, 90, NOW)
            case _:
                rows, place = changes.read(lake, 1, place, dice.randint(1, 7), STREAMS)
                told += total(rows)
    rows, _ = follow(lake, place)
    assert told + total(rows) == sent


def test_a_beginning_is_the_table_and_what_follows(tmp_path: Path) -> None:
    """A compaction while the table is read neither doubles nor loses a row of it."""
    lake = Lake(str(tmp_path))
    for batch in range(6):
        lake.append(1, usage(), names(), f"before {batch}")
    first, place = changes.read(lake, 1, changes.beginning(lake, 1), 4, STREAMS)
    assert place == Place(lake.version(1), whole=True, row=4)
    maintenance.compact(lake, 1)
    lake.append(1, usage(), names(), "after")
    rest, _ = follow(lake, place)
    assert total(first) + total(rest) == 7 * 6
    assert first.height + rest.height == 7 * 3
    again, _ = follow(lake, changes.beginning(lake, 1))
    assert (again.height, total(again)) == (6, 7 * 6)


def test_other_streams_are_passed_over(tmp_path: Path) -> None:
    """Also those that were forgotten before they were read."""
    lake = Lake(str(tmp_path))
    lake.append(1, usage(stream_id="b" * 24), names(), "b")
    lake.append(1, usage(), names(), "a")
    maintenance.forget_stream(lake, 1, STREAM)
    lake.append(1, usage(transactions=5), names(), "c")
    rows, place = changes.read(lake, 1, Place(0), 100, STREAMS)
    last = lake.version(1)
    assert rows["version"].to_list() == [last - 2] * 3 + [last] * 3
    assert changes.read(lake, 1, Place(0), 100, [])[1] == place == Place(last + 1)


def test_what_is_no_longer_kept_is_refused(tmp_path: Path) -> None:
    """A file or a commit that upkeep has deleted is an error, never a gap."""
    lake = Lake(str(tmp_path))
    for batch in range(6):
        lake.append(1, usage(), names(), f"batch {batch}")
    whole = changes.beginning(lake, 1)
    maintenance.compact(lake, 1)
    table = lake.snapshot(1, "usage")
    assert table is not None
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    for place in (Place(0), whole):
        with pytest.raises(PlaceGone):
            changes.read(lake, 1, place, 10, STREAMS)
    assert follow(lake, Place(whole.version + 1))[0].is_empty()
    table.create_checkpoint()
    for version in range(whole.version + 1):
        (tmp_path / "1" / "usage" / "_delta_log" / f"{version:020d}.json").unlink()
    for place in (Place(0), whole):
        with pytest.raises(PlaceGone):
            changes.read(Lake(str(tmp_path)), 1, place, 10, STREAMS)


def test_a_follower_of_many_writers_and_upkeep_is_told_every_row(tmp_path: Path) -> None:
    """Three writers and a compaction at work; the reader comes back with its place after each answer."""
    root = str(tmp_path)
    Lake(root).append(1, usage(), names(), "first")

    def write(writer: int) -> None:
        for batch in range(4):
            Lake(root).append(1, usage(), names(), f"{writer}.{batch}")

    def tidy() -> None:
        for _ in range(4):
            maintenance.compact(Lake(root), 1)

    works = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    works.append(threading.Thread(target=tidy))
    for each in works:
        each.start()
    told, place = 0, Place(0)
    while True:
        over = not any(each.is_alive() for each in works)
        rows, place = follow(Lake(root), place)
        told += total(rows)
        if over:
            break
    assert told == 13 * 6


@given(st.integers(0, 2**26 - 1), st.booleans(), st.integers(0, 2**36 - 1))
def test_a_place_is_a_number(version: int, whole: bool, row: int) -> None:
    """Later places of commits have greater numbers."""
    place = Place(version, whole, row)
    assert Place.unpack(place.pack()) == place
    assert place.pack() < Place(version + 1).pack()
    assert 0 <= place.pack() < 2**64
