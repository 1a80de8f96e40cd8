"""Usage aggregated by app."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.summaries import summarise

ID = st.one_of(st.none(), st.integers(1, 4))


@given(st.lists(st.tuples(st.integers(1, 3), ID, ID, ID), max_size=40))
def test_distinct_counts_equal_counting_by_hand(rows: list[tuple[int, int | None, int | None, int | None]]) -> None:
    """For any rows, the distinct counts equal those of plain sets; unknown names count as nobody."""
    schema = dict.fromkeys(("app_id", "user_id", "ip_id", "device_id"), pl.Int64)
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        pl.lit(1).alias(name)
        for name in (
            *("transactions", "blocked_transactions", "uploaded_bytes", "downloaded_bytes", "total_bytes"),
            *("first_seen", "last_seen"),
        )
    )
    for row in summarise(frame.lazy()).iter_rows(named=True):
        mine = [entry for entry in rows if entry[0] == row["app_id"]]
        for position, name in ((1, "users"), (2, "ip_addresses"), (3, "devices")):
            assert row[name] == len({entry[position] for entry in mine} - {None})
