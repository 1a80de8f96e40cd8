"""Vectorised scores of all apps.

Points and weights are integers, whose sums do not depend on order; all divisions are done by
:mod:`opencasb.catalog.score`. A score is therefore identical, to the last bit, to that of its explanation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from opencasb.catalog.fact import points_of
from opencasb.catalog.score import LEAST_FACTS, mean_of, rounded, total_of
from opencasb.model.factors import SCORED
from opencasb.model.score_settings import DEFAULT, GROUPS, ScoreSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORTH: Final = ("factor", "value", "date")


def points_frame(facts: pl.DataFrame) -> pl.DataFrame:
    """Return the points of ``Catalog.facts``, using the first fact per app and factor.

    Columns: app_id Int64, factor, points Int64 (hundredths). Facts that are worth nothing are left out.
    """
    believed = facts.filter(pl.col("factor").is_in(list(SCORED))).unique(
        ("app_id", "factor"), keep="first", maintain_order=True
    )
    distinct = believed.select(_WORTH).unique()
    points = [points_of(factor, value, date or "") for factor, value, date in distinct.iter_rows()]
    worth = distinct.with_columns(pl.Series("points", points, pl.Int64))
    return (
        believed.join(worth, on=_WORTH, how="left", nulls_equal=True)
        .drop_nulls("points")
        .select(pl.col("app_id").cast(pl.Int64), "factor", "points")
    )


def scores(points: pl.DataFrame, settings: ScoreSettings = DEFAULT) -> pl.DataFrame:
    """Return the scores of the apps in a frame of points.

    Columns: app_id, known Int64 (facts that count), total Float64 and score Int64 (both null: unscored), and for each
    group its score Float64 (null: nothing counts).
    """
    factors = pl.DataFrame(
        [
            (factor.key, factor.group.value, settings.weight(factor), factor.key in settings.counted)
            for factor in settings.counting
        ],
        schema={"factor": pl.String, "group": pl.String, "weight": pl.Int64, "counted": pl.Boolean},
        orient="row",
    )
    counting = points.join(factors, on="factor")
    sums = counting.group_by("app_id").agg(pl.len().cast(pl.Int64).alias("known"), *_sums(factors)).sort("app_id")
    weights = [settings.group_importance(group).weight for group in GROUPS]
    rows = [_row(weights, *row) for row in sums.iter_rows()]
    named = [("app_id", pl.Int64), ("known", pl.Int64), ("total", pl.Float64), ("score", pl.Int64)]
    return pl.DataFrame(rows, schema=[*named, *((group.value, pl.Float64) for group in GROUPS)], orient="row")


def _row(weights: Sequence[int], app_id: int, known: int, *sums: int) -> tuple[float | None, ...]:
    """Return a row of scores, divided as for a single score because Polars divides differently."""
    pairs = zip(weights, sums[::2], sums[1::2], strict=True)
    means = [mean_of(weight, points, all_weights) for weight, points, all_weights in pairs]
    total = total_of(list(zip(means, weights, strict=True))) if known >= LEAST_FACTS else None
    return app_id, known, total, rounded(total), *means


def _sums(factors: pl.DataFrame) -> list[pl.Expr]:
    """Return the sums for each group; factors that count without a value always add their weight."""
    found = []
    for group in GROUPS:
        here = pl.col("group") == group.value
        always = factors.filter(here, "counted")["weight"].sum()
        points = (pl.col("points") * pl.col("weight")).filter(here).sum()
        weights = pl.col("weight").filter(here, ~pl.col("counted")).sum() + always
        found += [points.alias(f"{group.value} points"), weights.alias(f"{group.value} weights")]
    return found
