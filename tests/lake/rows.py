"""Usage rows for tests of the lake."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import polars as pl

from opencasb.lake.usage import KEY, SUMS, Lake, stream_key

STREAM = "65a1f0c2d4b7e8a901234567"
DAY = date(2025, 11, 20)
TYPES = {"tenant_id": pl.Int32, "day": pl.Date, "app_id": pl.Int32}


def usage_frame(rows: Iterable[tuple[object, ...]]) -> pl.DataFrame:
    """Return rows for the lake: the key, the sums, and the first and last time."""
    schema = {name: TYPES.get(name, pl.Int64) for name in (*KEY, *SUMS, "first_seen", "last_seen")}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def names_frame(rows: Iterable[tuple[str, int, str]]) -> pl.DataFrame:
    """Return names for the lake, with kind and id."""
    return pl.DataFrame(list(rows), schema={"kind": pl.String, "id": pl.Int64, "name": pl.String}, orient="row")


def usage(day: date = DAY, stream_id: str = STREAM, transactions: int = 1) -> pl.DataFrame:
    """Return three rows of two apps and two users, with ``transactions`` to ``transactions`` + 2 transactions."""
    return usage_frame(
        (1, day, stream_key(stream_id), app, user, 30 + user, None, None, transactions + extra, 0, 10, 20, 30, 5, 9)
        for app, user, extra in ((11627, 1, 0), (11627, 2, 1), (10489, 1, 2))
    )


def names() -> pl.DataFrame:
    """Return the names used by :func:`usage`."""
    return names_frame([("user", 1, "ana"), ("user", 2, "ben"), ("ip", 31, "10.0.0.1"), ("ip", 32, "10.0.0.2")])


def fill(lake: Lake, batches: int) -> None:
    """Append the usage of tenant 1 as ``batch 0``, ``batch 1`` and so on."""
    for batch in range(batches):
        lake.append(1, usage(), names(), f"batch {batch}")
