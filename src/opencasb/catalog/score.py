"""An app's score from its facts: plain arithmetic, every step of which is kept so that it can be shown (portal §4).

Each factor with a known value has 0 to 10 points. A group's score is the mean of its factors' points, weighted by
importance; the total is the weighted mean of the groups that have a score. Values that are unknown or do not apply are
left out, unless the settings count them as 0. Too few facts yield no score at all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from opencasb.catalog.fact import Fact
from opencasb.model.factor import NOT_APPLICABLE, Factor, Group
from opencasb.model.factors import SCORED
from opencasb.model.score_settings import DEFAULT, GROUPS, ScoreSettings

LEAST_FACTS: Final = 3
"""With fewer counting facts, an app is unscored."""

LITTLE_EVIDENCE: Final = 8
"""With fewer counting facts, a score is marked as low evidence."""


class Line(msgspec.Struct, frozen=True):
    """One factor's contribution to a score.

    ``points`` are in hundredths, or None; ``weight`` is the factor's within its group and ``contribution`` its part of
    the total. A line without points counts as 0 if ``counted``, otherwise it is left out.
    """

    factor: Factor
    fact: Fact | None
    points: int | None
    weight: int
    counted: bool
    contribution: float = 0.0

    @property
    def counts(self) -> bool:
        """Whether it is part of its group's mean."""
        return self.weight > 0 and (self.points is not None or self.counted)

    @property
    def remark(self) -> str:
        """Why it has no points or does not count; empty if it counts as it is."""
        if self.fact is None:
            return "unknown, counted as 0" if self.counts else "unknown"
        if self.points is None:
            missing = "not applicable" if self.fact.value == NOT_APPLICABLE else "no points for this value"
            return f"{missing}, counted as 0" if self.counts else missing
        return "" if self.weight else "ignored"


class GroupScore(msgspec.Struct, frozen=True):
    """A group's mean: ``points`` (hundredths times weights) divided by ``weights``; None if nothing counts."""

    group: Group
    weight: int
    points: int
    weights: int

    @property
    def score(self) -> float | None:
        """The mean, 0 to 10; None if nothing counts."""
        return mean_of(self.weight, self.points, self.weights)


class Score(msgspec.Struct, frozen=True):
    """A score with its arithmetic.

    ``lines`` has every factor that can count. ``known`` is the number of facts that count, ``of`` the number of factors
    that could. ``total`` is the weighted mean of the groups, None for an unscored app; ``reason`` says why.
    """

    lines: tuple[Line, ...]
    groups: tuple[GroupScore, ...]
    known: int
    of: int
    total: float | None
    reason: str

    @property
    def rounded(self) -> int | None:
        """The score in reports and APIs: a whole number, halves rounded up."""
        return rounded(self.total)

    @property
    def low_evidence(self) -> bool:
        """Whether it rests on few facts."""
        return self.total is not None and self.known < LITTLE_EVIDENCE


def score(facts: Iterable[Fact], settings: ScoreSettings = DEFAULT) -> Score:
    """Return an app's score from one fact per factor; the first of several about a factor counts."""
    first: dict[str, Fact] = {}
    for fact in facts:
        first.setdefault(fact.factor, fact)
    lines = [_line(factor, first.get(key), settings) for key, factor in SCORED.items()]
    groups = tuple(_group(group, lines, settings) for group in GROUPS)
    known = sum(1 for line in lines if line.weight and line.points is not None)
    total = total_of([(group.score, group.weight) for group in groups]) if known >= LEAST_FACTS else None
    return Score(
        lines=tuple(_with_contributions(lines, groups) if total is not None else lines),
        groups=groups,
        known=known,
        of=len(settings.counting),
        total=total,
        reason="" if total is not None else _reason(known),
    )


def mean_of(weight: int, points: int, weights: int) -> float | None:
    """Return a group's mean: hundredths of points times weights, divided by the weights; None if nothing counts."""
    return points / (weights * 100) if weights and weight else None


def rounded(total: float | None) -> int | None:
    """Return a total as a whole number, halves rounded up."""
    return None if total is None else math.floor(total + 0.5)


def total_of(groups: Sequence[tuple[float | None, int]]) -> float | None:
    """Return the weighted mean of the groups that have a score, summed in order; None if none has."""
    weights = sum(weight for mean, weight in groups if mean is not None)
    if not weights:
        return None
    total = 0.0
    for mean, weight in groups:
        total += (mean or 0.0) * weight
    return total / weights


def _line(factor: Factor, fact: Fact | None, settings: ScoreSettings) -> Line:
    points = None if fact is None else fact.points
    return Line(factor, fact, points, settings.weight(factor), factor.key in settings.counted)


def _group(group: Group, lines: Iterable[Line], settings: ScoreSettings) -> GroupScore:
    counting = [line for line in lines if line.factor.group is group and line.counts]
    points = sum((line.points or 0) * line.weight for line in counting)
    return GroupScore(group, settings.group_importance(group).weight, points, sum(line.weight for line in counting))


def _with_contributions(lines: Iterable[Line], groups: Iterable[GroupScore]) -> Iterable[Line]:
    by_group: Mapping[Group, GroupScore] = {group.group: group for group in groups if group.score is not None}
    all_weights = sum(group.weight for group in by_group.values())
    for line in lines:
        if not line.counts:
            yield line
            continue
        group = by_group[line.factor.group]
        part = (line.points or 0) * line.weight / (group.weights * 100)
        yield Line(line.factor, line.fact, line.points, line.weight, line.counted, part * group.weight / all_weights)


def _reason(known: int) -> str:
    facts = {0: "no fact is", 1: "only 1 fact is"}.get(known, f"only {known} facts are")
    return f"{facts} known that can count; {LEAST_FACTS} are needed"
