"""How much each risk factor counts in the scores of a tenant (portal §4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from opencasb.model.factor import Factor, Group, Importance
from opencasb.model.factors import FACTORS, SCORED

GROUPS: Final = (Group.GENERAL, Group.SECURITY, Group.COMPLIANCE, Group.LEGAL)
"""The groups of a score, in the order in which they are added up."""


class ScoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from the defaults: importance by factor key and by group.

    ``counted`` are the keys of factors that count as 0 points where an app has no value ("include N/A"); other factors
    are left out of the mean of such an app.
    """

    factors: Mapping[str, Importance] = {}
    groups: Mapping[Group, Importance] = {}
    counted: frozenset[str] = frozenset()

    def importance(self, factor: Factor) -> Importance:
        """Return how much a factor counts in its group."""
        return self.factors.get(factor.key, factor.importance)

    def group_importance(self, group: Group) -> Importance:
        """Return how much a group counts in the total."""
        return self.groups.get(group, Importance.MEDIUM)

    def weight(self, factor: Factor) -> int:
        """Return the weight of a factor in its group; 0 where it cannot count at all."""
        if factor.scoring is None or not self.group_importance(factor.group).weight:
            return 0
        return self.importance(factor).weight

    @property
    def counting(self) -> list[Factor]:
        """The factors that count."""
        return [factor for factor in SCORED.values() if self.weight(factor)]


DEFAULT: Final = ScoreSettings()
"""All groups and all but a few factors medium, what is unknown left out."""


def scored_factor(text: str) -> Factor:
    """Return the factor of a key, a Graph property or a label, in any case.

    Raises ``ValueError`` where there is none, or where its values are neither better nor worse.
    """
    wanted = text.strip().lower()
    for factor in FACTORS.values():
        if wanted in {factor.key, factor.label.lower(), *(name.lower() for name in factor.wire_names)}:
            if factor.scoring is None:
                raise ValueError(f"{factor.key!r} is information only and does not count in scores")
            return factor
    raise ValueError(f"{text!r} is no risk factor that counts; allowed are {', '.join(SCORED)}")


def score_group(text: str) -> Group:
    """Return the group of a name in any case. Raises ``ValueError``."""
    found = {group.value: group for group in GROUPS}.get(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no group of risk factors; allowed are {', '.join(GROUPS)}")
    return found


def importance_of(text: str) -> Importance:
    """Return the importance of a name in any case: ``Very high``, ``very-high``. Raises ``ValueError``."""
    wanted = " ".join(text.lower().replace("-", " ").replace("_", " ").split())
    if wanted not in set(Importance):
        raise ValueError(f"{text!r} is no importance; allowed are {', '.join(Importance)}")
    return Importance(wanted)
