"""Counts of lines by rule and by reason."""

from __future__ import annotations

import polars as pl

from opencasb.discovery.line_counts import Counts

RULES = ["session start", "comment", "header row", "internal host", "comment"]


def test_rules_are_counted_in_the_same_order_each_time() -> None:
    """So that two reports on a log are alike, byte by byte; Polars counts values in any order."""
    rows = {"line": range(5), "ignored": RULES, "rejected": [None] * 5}
    frame = pl.DataFrame(rows, schema_overrides={"rejected": pl.String})
    for _ in range(20):
        counts = Counts()
        counts.add(frame, frame.select("line", text=pl.lit("")))
        assert list(counts.ignored.items()) == [
            ("comment", 2),
            ("header row", 1),
            ("internal host", 1),
            ("session start", 1),
        ]
