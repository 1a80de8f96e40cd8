"""How people use apps, derived from daily usage: who returns, when, and how much is uploaded."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from opencasb.lake.reading import collected
from opencasb.lake.usage import TRAFFIC
from opencasb.model.durations import HOUR

if TYPE_CHECKING:
    import polars as pl

WORKING_HOURS: Final = 10
"""Length of the busiest part of a day in hours; its start is derived from the usage of all apps."""

_SATURDAY: Final = 6


@dataclass(frozen=True, slots=True)
class Habits:
    """The use of one app. A person is a user, else a device, else an address; a person-day is a day with usage by one.

    ``returning`` people came on two days or more. ``at_work`` counts person-days from Monday to Friday that began and
    ended in the organisation's busiest hours, which begin at ``work_begins`` (UTC hour). ``before`` and ``after`` are
    the people of the first and the second half of the ``period`` (days from the first to the last with usage of any
    app). Sizes are in bytes.
    """

    app_id: int
    people: int
    returning: int
    person_days: int
    at_work: int
    days: int
    before: int
    after: int
    transactions: int
    uploaded_bytes: int
    downloaded_bytes: int
    total_bytes: int
    period: int
    work_begins: int


def habits(usage: pl.LazyFrame, first_id: int) -> dict[int, Habits]:
    """Return the habits for each app with an id of at least ``first_id``; ``usage`` has the columns of the lake."""
    import polars as pl

    house = collected(usage.select(pl.col("day").min().alias("first"), pl.col("day").max().alias("last")))
    first, last = house.row(0)
    if first is None:
        return {}
    begins = _busiest_hours(usage)
    middle = first + (last - first) / 2
    visits = _visits(usage.filter(pl.col("app_id") >= first_id))
    people = pl.col("person").n_unique()
    found = collected(
        visits.with_columns(_at_work(begins).alias("at_work"))
        .group_by("app_id")
        .agg(
            people.alias("people"),
            pl.col("person").filter(pl.col("person").is_duplicated()).n_unique().alias("returning"),
            pl.len().alias("person_days"),
            pl.col("at_work").sum(),
            pl.col("day").n_unique().alias("days"),
            pl.col("person").filter(pl.col("day") <= middle).n_unique().alias("before"),
            pl.col("person").filter(pl.col("day") > middle).n_unique().alias("after"),
            pl.col(*TRAFFIC, "total_bytes").sum(),
        )
        .sort("app_id")
    )
    period = (last - first).days + 1
    return {row["app_id"]: Habits(**row, period=period, work_begins=begins) for row in found.to_dicts()}


def _visits(usage: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row per app, person and day."""
    import polars as pl

    person = pl.coalesce("user_id", "device_id", "ip_id").fill_null(0).alias("person")
    return usage.group_by("app_id", person, "day").agg(
        pl.col(*TRAFFIC, "total_bytes").sum(), pl.col("first_seen").min(), pl.col("last_seen").max()
    )


def _busiest_hours(usage: pl.LazyFrame) -> int:
    """Return the UTC hour at which the ten hours begin that contain the most starts and ends of app use."""
    import polars as pl

    counted: Counter[int] = Counter()
    for column in ("first_seen", "last_seen"):
        hour = (pl.col(column) // HOUR % 24).alias("hour")
        counted.update(dict(collected(usage.group_by(hour).agg(pl.len())).iter_rows()))
    inside = [sum(counted[(begin + each) % 24] for each in range(WORKING_HOURS)) for begin in range(24)]
    return max(range(24), key=lambda begin: (inside[begin], -begin))


def _at_work(begins: int) -> pl.Expr:
    import polars as pl

    def inside(column: str) -> pl.Expr:
        return (pl.col(column) // HOUR - begins) % 24 < WORKING_HOURS

    return (pl.col("day").dt.weekday() < _SATURDAY) & inside("first_seen") & inside("last_seen")
