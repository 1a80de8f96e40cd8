"""Totals equal those of plain sets."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.totals import NAMES, PERIODS, WHOLE, totals_of

DAY = date(2025, 11, 20)
ID = st.one_of(st.none(), st.integers(1, 4))
FEEDING = [1, 2]

Row = tuple[int, int, int | None, int | None, int | None]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 100), ID, ID, ID), max_size=40))
def test_totals_equal_counting_by_hand(rows: list[Row]) -> None:
    """For any streams, days and ids; each period ends with the stream's newest day, unknown names count as nobody."""
    schema = {"stream_key": pl.Int64, "ago": pl.Int64, "user_id": pl.Int64, "ip_id": pl.Int64, "device_id": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        (pl.lit(DAY) - pl.duration(days=pl.col("ago"))).cast(pl.Date).alias("day")
    )
    groups = {key: [row for row in rows if row[0] == key] for key in {row[0] for row in rows}}
    groups[WHOLE] = [row for row in rows if row[0] in FEEDING]
    expected = {key: {days: by_hand(mine, days) for days in PERIODS} for key, mine in groups.items() if mine}
    assert totals_of(frame.lazy(), FEEDING) == expected


def by_hand(rows: list[Row], days: int) -> dict[str, int]:
    """Return the totals of the rows of one stream."""
    newest = min(row[1] for row in rows)
    within = [row for row in rows if row[1] < newest + days]
    return {name: len({row[2 + at] for row in within} - {None}) for at, name in enumerate(NAMES)}


def test_no_usage_is_no_totals() -> None:
    """An empty lake has no totals, not even overall."""
    schema = {"stream_key": pl.Int64, "day": pl.Date, **dict.fromkeys(NAMES.values(), pl.Int64)}
    assert totals_of(pl.LazyFrame(schema=schema), []) == {}
