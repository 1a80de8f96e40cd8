"""Only the last of repeated records of a connection counts."""

from __future__ import annotations

import polars as pl

from opencasb.discovery.formats.base import nothing
from opencasb.discovery.formats.sessions import SESSION
from opencasb.discovery.formats.updates import RECORD_ID, Updates
from opencasb.model.transaction import COLUMNS


def batch(first: int, *records: tuple[int | None, int | None]) -> pl.DataFrame:
    """Return rows with a session and its sent bytes; negative numbers are of updates of the session."""
    lines = pl.DataFrame(
        [(first + place, session, session, sent) for place, (session, sent) in enumerate(records)],
        {"line": pl.Int64, SESSION: pl.Int64, RECORD_ID: pl.Int64, "uploaded_bytes": pl.Int64},
        orient="row",
    )
    lines = lines.with_columns(pl.when(pl.col(SESSION) > 0).then(SESSION).alias(SESSION), pl.col(RECORD_ID).abs())
    return pl.concat([nothing(), lines], how="diagonal")


def fates(frame: pl.DataFrame) -> list[tuple[int, str | None, int | None]]:
    assert frame.columns == list(COLUMNS)
    return frame.sort("line").select("line", "ignored", "uploaded_bytes").rows()


AGAIN = "told again later"


def test_the_last_record_of_a_connection_counts() -> None:
    updates = Updates()
    assert fates(updates.feed(batch(1, (7, None), (None, 5), (7, 30)))) == [(1, AGAIN, None), (2, None, 5)]
    assert fates(updates.feed(batch(4, (8, 1), (7, 90)))) == [(3, AGAIN, 30)]
    assert fates(updates.finish()) == [(4, None, 1), (5, None, 90)]
    assert updates.finish().is_empty()


def test_totals_are_the_largest_that_were_told() -> None:
    updates = Updates()
    updates.feed(batch(1, (7, 90), (7, 30), (7, None)))
    assert fates(updates.finish()) == [(3, None, 90)]


def test_updates_that_are_no_records_give_their_sizes() -> None:
    """To the record before them, whichever batch it came in."""
    updates = Updates()
    assert fates(updates.feed(batch(1, (7, None), (8, 5), (-8, 20)))) == [(3, None, 20)]
    assert fates(updates.feed(batch(4, (-7, 30), (-7, 90), (-9, 1)))) == [(4, None, 30), (5, None, 90), (6, None, 1)]
    assert fates(updates.finish()) == [(1, None, 90), (2, None, 20)]


def test_an_id_of_several_records_gives_no_sizes() -> None:
    updates = Updates()
    rows = batch(1, (7, None), (8, None), (-7, 90)).with_columns(pl.lit(7, pl.Int64).alias(RECORD_ID))
    updates.feed(rows)
    assert fates(updates.finish()) == [(1, None, None), (2, None, None)]


def test_no_more_are_held_than_the_limit() -> None:
    updates = Updates(limit=2)
    assert fates(updates.feed(batch(1, (1, 10), (2, 20), (3, 30)))) == [(1, None, 10)]
    assert fates(updates.finish()) == [(2, None, 20), (3, None, 30)]


def test_rows_without_sessions_go_on() -> None:
    assert fates(Updates().feed(batch(1, (None, 5)).drop(SESSION))) == [(1, None, 5)]


def test_records_without_sizes_all_count() -> None:
    updates = Updates()
    updates.feed(batch(1, (7, None), (7, None)))
    assert fates(updates.finish()) == [(1, None, None), (2, None, None)]
