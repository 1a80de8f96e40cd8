"""Starts of connections count only if no ends are logged."""

from __future__ import annotations

import polars as pl

from opencasb.discovery.formats.base import nothing
from opencasb.discovery.formats.sessions import RECORD
from opencasb.discovery.formats.starts import END, START, Starts
from opencasb.model.transaction import COLUMNS


def batch(first: int, *records: str | None) -> pl.DataFrame:
    lines = pl.DataFrame(
        {"line": range(first, first + len(records)), RECORD: records}, {"line": pl.Int64, RECORD: pl.String}
    )
    return pl.concat([nothing(), lines], how="diagonal")


def fates(frame: pl.DataFrame) -> list[tuple[int, str | None]]:
    assert frame.columns == list(COLUMNS)
    return frame.sort("line").select("line", "ignored").rows()


def test_starts_of_a_log_without_ends_come_at_last() -> None:
    starts = Starts()
    assert fates(starts.feed(batch(1, START, None))) == [(2, None)]
    assert fates(starts.feed(batch(3, START))) == []
    assert fates(starts.finish()) == [(1, None), (3, None)]
    assert starts.finish().is_empty()


def test_one_end_tells_that_starts_do_not_count() -> None:
    starts = Starts()
    starts.feed(batch(1, START))
    assert fates(starts.feed(batch(2, START, END))) == [(1, "connection start"), (2, "connection start"), (3, None)]
    assert fates(starts.feed(batch(4, START, None))) == [(4, "connection start"), (5, None)]
    assert starts.finish().is_empty()


def test_no_more_are_held_than_the_limit() -> None:
    starts = Starts(limit=2)
    assert fates(starts.feed(batch(1, START, START, START))) == [(1, None)]
    assert fates(starts.finish()) == [(2, None), (3, None)]


def test_rows_without_records_go_on() -> None:
    assert fates(Starts().feed(batch(1, None).drop(RECORD))) == [(1, None)]
