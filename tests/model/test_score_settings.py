"""Importance of factors."""

from __future__ import annotations

import pytest

from opencasb.model.factor import Group, Importance
from opencasb.model.factors import FACTORS, SCORED
from opencasb.model.score_settings import (
    DEFAULT,
    ScoreSettings,
    ScoreWords,
    importance_of,
    score_group,
    scored_factor,
    shown,
)

MFA = FACTORS["is_multi_factor_authentication"]


def test_all_count_alike_unless_told_otherwise() -> None:
    """The default is medium; factors about an app's purpose are ignored, and text factors cannot count."""
    assert {DEFAULT.weight(factor) for factor in DEFAULT.counting} == {2}
    assert DEFAULT.weight(FACTORS["is_file_sharing"]) == 0
    assert DEFAULT.weight(FACTORS["vendor"]) == 0
    assert ScoreSettings(factors={"vendor": Importance.HIGH}).weight(FACTORS["vendor"]) == 0


def test_each_step_of_importance_doubles() -> None:
    """Ignored is 0, low half of medium, very high four times medium."""
    assert [level.weight for level in Importance] == [0, 1, 2, 4, 8]
    assert ScoreSettings(factors={MFA.key: Importance.VERY_HIGH}).weight(MFA) == 8


def test_an_ignored_group_takes_its_factors_along() -> None:
    """A factor does not count if its group does not."""
    settings = ScoreSettings(groups={Group.SECURITY: Importance.IGNORED})
    assert settings.weight(MFA) == 0
    assert MFA not in settings.counting


@pytest.mark.parametrize(
    "text", ["is_multi_factor_authentication", "isMultiFactorAuthentication", "multi-factor authentication "]
)
def test_a_factor_is_known_by_key_property_and_label(text: str) -> None:
    """Users write the name they saw, in any case."""
    assert scored_factor(text) is MFA


def test_what_cannot_be_set_is_told() -> None:
    """The message has the text and what is allowed."""
    with pytest.raises(ValueError, match=r"'suports_saml' is not a risk factor .* such as is_supports_saml"):
        scored_factor("suports_saml")
    with pytest.raises(ValueError, match=r"'' is not a risk factor that counts; allowed: .* such as founded"):
        scored_factor("")
    with pytest.raises(ValueError, match="'vendor' is information only"):
        scored_factor("Vendor")
    with pytest.raises(ValueError, match=r"'extra' is not a group .* general, security, compliance, legal"):
        score_group("extra")
    with pytest.raises(ValueError, match=r"'huge' is not an importance.* ignored, low, medium, high, very high"):
        importance_of("huge")


def test_words_of_people_are_read() -> None:
    """Factors by any of their names, groups, and all factors at once."""
    some = ScoreWords.read(["isSupportsSaml", "Security", "DMCA procedure"], "High", include_na=None)
    assert some == ScoreWords(
        factors={"is_supports_saml": Importance.HIGH, "is_dmca": Importance.HIGH},
        groups={Group.SECURITY: Importance.HIGH},
        counted={},
    )
    every = ScoreWords.read(["all"], None, include_na=True)
    assert (every.factors, every.groups, set(every.counted.values())) == ({}, {}, {True})
    assert every.counted.keys() == SCORED.keys()
    with pytest.raises(ValueError, match="'legal' is a group"):
        ScoreWords.read(["legal"], None, include_na=False)


def test_settings_are_shown_whole() -> None:
    """Every group and every factor that can count, with the effective setting."""
    told = shown(ScoreSettings(groups={Group.LEGAL: Importance.LOW}, counted=frozenset({MFA.key})))
    assert [group["importance"] for group in told["groups"]] == ["medium", "medium", "medium", "low"]
    (mfa,) = [factor for factor in told["factors"] if factor["factor"] == MFA.key]
    assert mfa == {
        "factor": MFA.key,
        "label": "Multi-factor authentication",
        "group": "security",
        "importance": "medium",
        "include_na": True,
        "rule": "yes 10, no 0",
    }
    assert len(told["factors"]) == len(SCORED)


@pytest.mark.parametrize("text", ["Very High", "very-high", "VERY_HIGH ", " very  high"])
def test_importance_is_taken_as_it_is_written(text: str) -> None:
    """The portal, the enumeration and the command line differ in spelling."""
    assert importance_of(text) is Importance.VERY_HIGH
