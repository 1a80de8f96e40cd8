"""Records that count only if the log has no better one for the same connection."""

from __future__ import annotations

import polars as pl

from opencasb.discovery.formats.base import nothing
from opencasb.discovery.formats.stand_ins import CONNECTION, STANDS_IN, StandIns
from opencasb.model.transaction import COLUMNS


def rows(*records: tuple[int, int | None, bool]) -> pl.DataFrame:
    """Return rows with line, connection and whether the record is a stand-in."""
    frame = pl.DataFrame(
        [(line, connection, lesser) for line, connection, lesser in records],
        schema={"line": pl.Int64, CONNECTION: pl.UInt64, STANDS_IN: pl.Boolean},
        orient="row",
    )
    return pl.concat([nothing(), frame], how="diagonal")


def fates(frame: pl.DataFrame) -> dict[int, str | None]:
    """Return why each line is ignored."""
    return {row["line"]: row["ignored"] for row in frame.sort("line").to_dicts()}


def test_a_better_record_comes_later_or_came_before() -> None:
    stand_ins = StandIns()
    assert fates(stand_ins.feed(rows((1, 7, True), (2, 8, True)))) == {}
    assert fates(stand_ins.feed(rows((3, 7, False)))) == {1: "counted with its session", 3: None}
    assert fates(stand_ins.feed(rows((4, 7, True), (5, None, True)))) == {4: "counted with its session", 5: None}
    assert fates(stand_ins.finish()) == {2: None}
    assert fates(stand_ins.finish()) == {}


def test_the_oldest_count_when_too_many_wait() -> None:
    stand_ins = StandIns(limit=2)
    assert fates(stand_ins.feed(rows((1, 1, True), (2, 2, True), (3, 3, True)))) == {1: None}
    assert fates(stand_ins.finish()) == {2: None, 3: None}


def test_rows_of_no_connection_pass() -> None:
    stand_ins = StandIns()
    assert stand_ins.feed(nothing()).columns == list(COLUMNS)
    assert stand_ins.feed(rows((1, None, False))).columns == list(COLUMNS)
    assert stand_ins.finish().columns == list(COLUMNS)
