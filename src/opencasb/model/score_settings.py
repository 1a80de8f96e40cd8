"""How much each risk factor counts in a tenant's scores (portal §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import msgspec

from opencasb.model.factor import Factor, Group, Importance
from opencasb.model.factors import FACTORS, SCORED

GROUPS: Final = (Group.GENERAL, Group.SECURITY, Group.COMPLIANCE, Group.LEGAL)
"""The groups of a score, in the order they are added up."""


class ScoreSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Deviations from the defaults: importance by factor key and by group.

    ``counted`` are the keys of factors that count as 0 points if an app has no value ("include N/A"); other factors
    without a value are left out of the mean.
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
        """Return the weight of a factor in its group; 0 if it cannot count at all."""
        if factor.scoring is None or not self.group_importance(factor.group).weight:
            return 0
        return self.importance(factor).weight

    @property
    def counting(self) -> list[Factor]:
        """The factors that count."""
        return [factor for factor in SCORED.values() if self.weight(factor)]


DEFAULT: Final = ScoreSettings()
"""All groups and all but a few factors are medium, and unknown values are left out."""


def scored_factor(text: str) -> Factor:
    """Return the factor with a key, Graph property or label, in any case.

    Raises ``ValueError`` if there is none, or if it is not scored.
    """
    wanted = text.strip().lower()
    for factor in FACTORS.values():
        if wanted in {factor.key, factor.label.lower(), *(name.lower() for name in factor.wire_names)}:
            if factor.scoring is None:
                raise ValueError(f"{factor.key!r} is information only and does not count in scores")
            return factor
    alike = get_close_matches(wanted, SCORED, n=3, cutoff=0.4) or list(SCORED)[:3]
    allowed = f"the {len(SCORED)} of the settings, such as {', '.join(alike)}"
    raise ValueError(f"{text!r} is not a risk factor that counts; allowed: {allowed}")


def score_group(text: str) -> Group:
    """Return the group with a name, in any case. Raises ``ValueError``."""
    found = {group.value: group for group in GROUPS}.get(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is not a group of risk factors; allowed: {', '.join(GROUPS)}")
    return found


def importance_of(text: str) -> Importance:
    """Parse the name of an importance in any case: ``Very high``, ``very-high``. Raises ``ValueError``."""
    wanted = " ".join(text.lower().replace("-", " ").replace("_", " ").split())
    if wanted not in set(Importance):
        raise ValueError(f"{text!r} is not an importance; allowed: {', '.join(Importance)}")
    return Importance(wanted)


class ScoreWords(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed change of the settings, as written by people."""

    factors: Mapping[str, Importance]
    groups: Mapping[Group, Importance]
    counted: Mapping[str, bool]

    @classmethod
    def read(cls, names: Iterable[str], importance: str | None, *, include_na: bool | None) -> ScoreWords:
        """Parse a change to ``names``: factors, groups, or ``all`` factors.

        Raises ``ValueError`` that names the wrong word, and for a group combined with ``include_na``.
        """
        groups, keys = [], []
        for name in names:
            if name.strip().lower() == "all":
                keys += list(SCORED)
            elif name.strip().lower() in set(GROUPS):
                groups.append(score_group(name))
            else:
                keys.append(scored_factor(name).key)
        if groups and include_na is not None:
            raise ValueError(
                f"{groups[0].value!r} is a group; what is not known can only be counted by factor, or of all"
            )
        level = None if importance is None else importance_of(importance)
        return cls(
            factors={} if level is None else dict.fromkeys(keys, level),
            groups={} if level is None else dict.fromkeys(groups, level),
            counted={} if include_na is None else dict.fromkeys(keys, include_na),
        )


def shown(settings: ScoreSettings) -> dict[str, Any]:  # JSON
    """Return settings for display and export: every group, and every factor that can count."""
    return {
        "groups": [{"group": group.value, "importance": settings.group_importance(group).value} for group in GROUPS],
        "factors": [
            {
                "factor": factor.key,
                "label": factor.label,
                "group": factor.group.value,
                "importance": settings.importance(factor).value,
                "include_na": factor.key in settings.counted,
                "rule": factor.scoring.about if factor.scoring else "",
            }
            for factor in SCORED.values()
        ],
    }
