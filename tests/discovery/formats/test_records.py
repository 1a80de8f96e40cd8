"""Joining the lines of multi-line records."""

from __future__ import annotations

import polars as pl

from opencasb.discovery.formats.records import MOST_LINES, Records


def batch(first: int, *texts: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"line": range(first, first + len(texts)), "text": texts}, {"line": pl.Int64, "text": pl.String}
    )


def plain(taken: tuple[pl.DataFrame, pl.DataFrame] | None) -> tuple[list[tuple[int, str]], list[int]]:
    assert taken is not None
    return taken[0].rows(), taken[1]["line"].to_list()


def test_lines_without_a_start_belong_to_the_record_above() -> None:
    """The last record is held back, across batches, until another starts or the file ends."""
    records = Records("^>")
    assert plain(records.take(batch(1, "lost", ">a", "b", ">c"))) == ([(1, "lost"), (2, ">a b")], [3])
    assert plain(records.take(batch(5, "d"))) == ([], [])
    assert plain(records.take(batch(6, "e", ">f"))) == ([(4, ">c d e")], [5, 6])
    assert plain(records.finish()) == ([(7, ">f")], [])
    assert records.finish() is None


def test_a_record_without_end_is_not_held_back_whole() -> None:
    records = Records("^>")
    taken, joined = plain(records.take(batch(1, ">a", *["x"] * (MOST_LINES + 5))))
    assert ([text for _, text in taken], joined) == (["x"] * 6, [])
    taken, joined = plain(records.take(batch(100, "y", "y")))
    assert ([text for _, text in taken], joined) == (["y", "y"], [])
    ((line, _),), joined = plain(records.finish())
    assert (line, len(joined)) == (1, MOST_LINES - 1)


def test_lines_of_others_are_no_part_and_have_none() -> None:
    records = Records("^>", "^<")
    assert plain(records.take(batch(1, ">a", "b", "<x", "c", ">d"))) == ([(1, ">a b"), (3, "<x"), (4, "c")], [2])
    assert plain(records.take(batch(6, "e", "<y"))) == ([(5, ">d e"), (7, "<y")], [6])
    assert records.finish() is None


def test_nothing() -> None:
    assert plain(Records("^>").take(batch(1))) == ([], [])
    assert Records("^>").finish() is None
