"""A tenant's scoring of apps: its settings and its score overrides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from opencasb.model.score_settings import DEFAULT, ScoreSettings

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Scoring:
    """Settings, and scores by app that replace those computed from facts."""

    settings: ScoreSettings = DEFAULT
    overrides: Mapping[int, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return whether anything differs from default scoring."""
        return self.settings != DEFAULT or bool(self.overrides)


AS_SHIPPED: Final = Scoring()


def rescored(apps: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Return a catalog's apps with the scores of another frame; apps missing from it are unscored."""
    fresh = scores.select("app_id", "score")
    return apps.drop("score").join(fresh, on="app_id", how="left", maintain_order="left").select(apps.columns)


def with_given(apps: pl.DataFrame, given: Mapping[int, int]) -> pl.DataFrame:
    """Return the apps with the given scores by app id applied."""
    import polars as pl

    if not given:
        return apps
    scores = pl.col("app_id").replace_strict(dict(given), default=pl.col("score"), return_dtype=pl.Int64)
    return apps.with_columns(scores.alias("score"))
