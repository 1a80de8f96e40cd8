"""Explanations of scores."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.explanation import FROM_CUSTOM, explanation
from opencasb.catalog.fact import Fact, facts_by_app, facts_of
from opencasb.catalog.score import score
from opencasb.model.app import UNCLASSIFIED, App
from opencasb.model.factor import Importance
from opencasb.model.score_settings import DEFAULT, ScoreSettings
from tests.catalog.scored import BOX, DMCA, MFA, SAML, catalog

SHIPPED = Catalog.shipped()


def explained(*facts: Fact, settings: ScoreSettings = DEFAULT) -> dict[str, object]:
    """Return the JSON explanation of an app with these facts."""
    found = score(facts, settings)
    app = App(app_id=7, name="Seven", category="", score=found.rounded)
    told: dict[str, object] = msgspec.json.decode(msgspec.json.encode(explanation(app, found, facts, settings, None)))
    return told


def worked_out(told: dict[str, object]) -> float | None:
    """Return the total of an explanation, calculated from its JSON alone."""
    total, weights = 0.0, 0
    for group in told["groups"]:  # type: ignore[attr-defined]
        lines = [each for each in told["factors"] if each["group"] == group["group"] and each["counts"]]  # type: ignore[attr-defined]
        if not lines or not group["weight"]:
            continue
        points = sum(round((line["points"] or 0) * 100) * line["weight"] for line in lines)
        total += points / (sum(line["weight"] for line in lines) * 100) * group["weight"]
        weights += group["weight"]
    return total / weights if weights and told["unscored_because"] is None else None


def test_every_score_of_the_shipped_catalog_can_be_worked_out_from_its_explanation() -> None:
    """For each scored app, the explanation's facts, points and weights give exactly the stored score."""
    scored = SHIPPED.apps.drop_nulls("score")
    assert scored.height > 500
    facts = facts_by_app(SHIPPED.facts, scored["app_id"].to_list())
    for app_id, stored in scored.select("app_id", "score").iter_rows():
        app = App(app_id=app_id, name="", category="", score=stored)
        found = SHIPPED.score_of(facts[app_id])
        told = explanation(app, found, facts[app_id], DEFAULT, None)
        assert worked_out(told) == found.total
        assert (found.rounded, told["score_from"]) == (stored, "facts")


def test_apps_that_the_shipped_catalog_does_not_score_have_a_reason() -> None:
    """Each has too few facts that count."""
    unscored = SHIPPED.apps.filter(SHIPPED.apps["score"].is_null())["app_id"].to_list()
    assert SHIPPED.scores.drop_nulls("score")["app_id"].is_in(unscored).sum() == 0
    for app_id in unscored[:50]:
        assert SHIPPED.score_of(facts_of(SHIPPED.facts, app_id)).reason


def test_a_line_says_everything_about_its_factor() -> None:
    """Value, points, importance, rule, source, and contradicting sources."""
    facts = (
        Fact(SAML, value=False, source="a", date="2026-01-01", method="read", evidence="https://a.example"),
        Fact(SAML, value=True, source="b", date="2025-01-01", confidence="low"),
        Fact(MFA, value=True, source="a", date="2026-01-01"),
        Fact(DMCA, value=True, source="a", date="2026-01-01"),
        Fact("headquarters", "DE", "a", "2026-01-01"),
    )
    told = explained(*facts, settings=ScoreSettings(factors={SAML: Importance.HIGH}))
    (line,) = [each for each in told["factors"] if each["factor"] == SAML]  # type: ignore[attr-defined]
    assert (line["value"], line["points"], line["importance"], line["weight"], line["rule"]) == (
        *(False, 0.0, "high", 4),
        "yes 10, no 0",
    )
    assert line["fact"] == {
        "factor": SAML,
        "label": "Supports SAML",
        "value": False,
        "source": "a",
        "date": "2026-01-01",
        "confidence": "high",
        "method": "read",
        "evidence": "https://a.example",
    }
    assert [other["source"] for other in line["others"]] == ["b"]
    assert [each["factor"] for each in told["information"]] == ["headquarters"]  # type: ignore[attr-defined]
    assert told["low_evidence"] is True
    assert worked_out(told) == told["total"]


def test_an_unscored_app_says_why() -> None:
    """There is no total, but its facts are shown."""
    told = explained(Fact(MFA, value=True, date="2026-01-01"))
    assert (told["total"], told["score"], told["score_from"]) == (None, None, None)
    assert told["unscored_because"] == "only 1 fact is known that can count; 3 are needed"
    assert worked_out(told) is None


@pytest.mark.parametrize(("given", "origin"), [(9, FROM_CUSTOM), (6, "facts")])
def test_the_score_that_a_custom_app_came_with_is_told_apart(given: int, origin: str) -> None:
    """It is distinguished from one calculated from facts."""
    shipped = catalog()
    app = App(app_id=BOX, name="Own", category=UNCLASSIFIED, score=given)
    assert explanation(app, shipped.score_of(facts_of(shipped.facts, BOX)), [], DEFAULT, None)["score_from"] == origin
