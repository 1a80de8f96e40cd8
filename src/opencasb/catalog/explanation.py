"""The explanation of a score: an app's facts, their points, weights and sources.

It contains everything needed to recalculate the score: a group's ``score`` is the sum of points times weights over its
factors that count, divided by the sum of their weights; the ``total`` is the mean of the group scores, weighted by the
groups' weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from opencasb.catalog.description import description
from opencasb.catalog.fact import Fact
from opencasb.catalog.score import Line, Score
from opencasb.model.app import App
from opencasb.model.factors import FACTORS, SCORED
from opencasb.model.score_override import ScoreOverride
from opencasb.model.score_settings import ScoreSettings

FROM_FACTS: Final = "facts"
FROM_OVERRIDE: Final = "override"
FROM_CUSTOM: Final = "custom app"


def explanation(
    app: App, score: Score, facts: Sequence[Fact], settings: ScoreSettings, override: ScoreOverride | None
) -> dict[str, Any]:  # JSON
    """Return the explanation as JSON; ``score`` is what lists show, ``total`` what the facts yield."""
    return {
        "app_id": app.app_id,
        "name": app.name,
        "description": description(app, facts),
        "score": app.score,
        "score_from": _origin(app, score, override),
        "total": score.total,
        "known": score.known,
        "of": score.of,
        "low_evidence": score.low_evidence,
        "unscored_because": score.reason or None,
        "override": None if override is None else msgspec.structs.asdict(override),
        "groups": [
            {
                "group": group.group.value,
                "importance": settings.group_importance(group.group).value,
                "weight": group.weight,
                "score": group.score,
            }
            for group in score.groups
        ],
        "factors": [_factor(line, facts, settings) for line in score.lines],
        "information": [_said(fact) for fact in facts if fact.factor not in SCORED],
    }


def _origin(app: App, score: Score, override: ScoreOverride | None) -> str | None:
    if override is not None:
        return FROM_OVERRIDE
    if app.score is None:
        return None
    return FROM_FACTS if app.score == score.rounded else FROM_CUSTOM


def _factor(line: Line, facts: Sequence[Fact], settings: ScoreSettings) -> dict[str, Any]:  # JSON
    factor = line.factor
    others = [fact for fact in facts if fact.factor == factor.key and fact is not line.fact]
    return {
        "factor": factor.key,
        "label": factor.label,
        "group": factor.group.value,
        "importance": settings.importance(factor).value,
        "weight": line.weight,
        "value": None if line.fact is None else line.fact.value,
        "points": None if line.points is None else line.points / 100,
        "counts": line.counts,
        "contribution": line.contribution,
        "remark": line.remark,
        "rule": factor.scoring.about if factor.scoring else "",
        "fact": None if line.fact is None else _said(line.fact),
        "others": [_said(fact) for fact in others],
    }


def _said(fact: Fact) -> dict[str, Any]:  # JSON
    """Return a fact with its source."""
    return {
        "factor": fact.factor,
        "label": FACTORS[fact.factor].label,
        "value": fact.value,
        "source": fact.source,
        "date": fact.date,
        "confidence": fact.confidence,
        "method": fact.method,
        "evidence": fact.evidence,
    }
