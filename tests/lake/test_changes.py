"""The feed returns every committed row once, whatever happens to the table meanwhile."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.lake import changes, maintenance
from opencasb.lake.changes import Place, PlaceGone
from opencasb.lake.usage import Lake, stream_key
from tests.lake.rows import DAY, STREAM, fill, names, usage

NOW = 1_763_640_000_000
STREAMS = [stream_key(STREAM)]


def follow(lake: Lake, place: Place, most: int = 2) -> tuple[pl.DataFrame, Place]:
    """Return everything after a place, read in small steps by a reader with no other state."""
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


def test_rows_come_in_the_order_of_commits(lake: Lake) -> None:
    """They have the number of the commit and of the row in it; a commit with two days is one."""
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
def test_upkeep_repeats_and_loses_nothing(lake: Lake, seed: int) -> None:
    """Batches, compaction, retention and reads in any order, by readers that began at any place."""
    dice = random.Random(seed)  # noqa: S311 -- no secret
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


def test_a_beginning_is_the_table_and_what_follows(lake: Lake) -> None:
    """A compaction while the table is read neither duplicates nor loses a row."""
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


def test_other_streams_are_passed_over(lake: Lake) -> None:
    """This includes those deleted before they were read."""
    lake.append(1, usage(stream_id="b" * 24), names(), "b")
    lake.append(1, usage(), names(), "a")
    maintenance.forget_stream(lake, 1, STREAM)
    lake.append(1, usage(transactions=5), names(), "c")
    rows, place = changes.read(lake, 1, Place(0), 100, STREAMS)
    last = lake.version(1)
    assert rows["version"].to_list() == [last - 2] * 3 + [last] * 3
    assert changes.read(lake, 1, Place(0), 100, [])[1] == place
    assert place == Place(last + 1, since=place.since) == changes.end(lake, 1)


def test_what_is_no_longer_kept_is_refused(lake: Lake, tmp_path: Path) -> None:
    """A file or commit deleted by upkeep is an error, never a gap."""
    fill(lake, 6)
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
            changes.read(Lake(lake.root), 1, place, 10, STREAMS)


def test_a_follower_of_many_writers_and_upkeep_is_told_every_row(tmp_path: Path) -> None:
    """With three writers and a compaction at work, a reader resumes from its place after each response."""
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


def prune(lake: Lake, keep: int) -> None:
    """Vacuum the table and delete the commits before the newest ``keep``, as upkeep does with old ones."""
    table = lake.snapshot(1, "usage")
    assert table is not None
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    table.create_checkpoint()
    log = Path(lake.location(1, "usage")) / "_delta_log"
    for version in range(table.version() + 1 - keep):
        (log / f"{version:020d}.json").unlink(missing_ok=True)


@pytest.mark.parametrize("seed", range(4))
def test_a_reader_that_was_away_too_long_ends_with_what_there_is(lake: Lake, seed: int) -> None:
    """It drops the returned days and continues: after any upkeep, its days equal the table's."""
    dice = random.Random(seed)  # noqa: S311 -- no secret
    place, copy, interrupted = Place(0), dict[object, int](), 0
    for step in range(40):
        match dice.choice(["batch", "batch", "compact", "prune", "read", "read"]):
            case "batch":
                day = DAY - timedelta(days=dice.randint(0, 3))
                lake.append(1, usage(day, transactions=dice.randint(1, 9)), names(), f"batch {step}")
            case "compact":
                maintenance.compact(lake, 1)
            case "prune" if lake.version(1) > 0:
                prune(lake, dice.randint(1, 3))
            case _:
                try:
                    rows, place = changes.read(Lake(lake.root), 1, place, dice.randint(1, 9), STREAMS)
                    add_up(copy, rows)
                except PlaceGone:
                    interrupted, (place, days) = interrupted + 1, resumed(lake, place)
                    copy = {} if days is None else {day: copy[day] for day in copy.keys() - set(days)}
    for batch in "ab":
        lake.append(1, usage(), names(), batch)
    prune(lake, 1)
    while True:
        try:
            rows, place = follow(lake, place)
        except PlaceGone:
            interrupted, (place, days) = interrupted + 1, resumed(lake, place)
            copy = {} if days is None else {day: copy[day] for day in copy.keys() - set(days)}
            continue
        add_up(copy, rows)
        break
    held = dict[object, int]()
    add_up(held, lake.usage(1).collect())
    assert copy == held
    assert interrupted


def add_up(copy: dict[object, int], rows: pl.DataFrame) -> None:
    """Add the transactions of rows to their days."""
    for day, count in rows.select("day", "transactions").iter_rows():
        copy[day.isoformat()] = copy.get(day.isoformat(), 0) + count


def resumed(lake: Lake, place: Place) -> tuple[Place, Sequence[str] | None]:
    """Return the place at which a reader resumes, and the days it drops."""
    found = changes.resumption(lake, 1, place)
    return Place.unpack(found.place.pack()), found.days


def test_days_without_anything_new_are_not_told_again(lake: Lake) -> None:
    """A day is new if its files are younger than the place, or up to an hour older; without any, all has been read."""
    hour = changes.SLOWEST_COMMIT_MS
    lake.append(1, usage(), names(), "a")
    _, place = follow(lake, changes.beginning(lake, 1))
    assert place.since > 0
    found = changes.resumption(lake, 1, place)
    assert (found.place, found.days) == (Place(lake.version(1), whole=True, since=place.since), [DAY.isoformat()])
    later = replace(place, since=place.since + hour)
    assert changes.resumption(lake, 1, later).days == []
    assert changes.resumption(lake, 1, later).place == replace(changes.end(lake, 1), since=later.since)
    assert changes.resumption(lake, 1, Place(1)).days is None


def test_a_place_behind_the_table_is_ahead(lake: Lake) -> None:
    """The place after the newest commit is not ahead, nor is the newest table."""
    assert not changes.is_ahead(lake, 1, Place(0))
    lake.append(1, usage(), names(), "a")
    newest = lake.version(1)
    ahead = [Place(newest + 1), Place(newest + 2), Place(newest, whole=True), Place(newest + 1, whole=True)]
    assert [changes.is_ahead(lake, 1, place) for place in ahead] == [False, True, False, True]


@given(st.integers(0, 2**26 - 2), st.booleans(), st.integers(0, 2**36 - 1), st.integers(0, 2**45))
def test_a_place_is_a_number(version: int, whole: bool, row: int, since: int) -> None:
    """Later commits have greater numbers; a place without a file time has the format of earlier versions."""
    place = Place(version, whole, row, since)
    assert Place.unpack(place.pack()) == place
    assert place.pack() < Place(version + 1, since=since).pack()
    assert 0 <= replace(place, since=0).pack() < 2**63
