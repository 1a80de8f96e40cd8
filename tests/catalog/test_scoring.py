"""A tenant's scores."""

from __future__ import annotations

from opencasb.catalog.fact import facts_of
from opencasb.catalog.overlay import Overlay
from opencasb.catalog.scoring import AS_SHIPPED, Scoring
from opencasb.model.app import CustomApp
from opencasb.model.correction import Kind, Statement
from opencasb.model.factor import Group, Importance
from opencasb.model.score_settings import ScoreSettings
from tests.catalog.scored import BOX, DMCA, DROPBOX, MFA, SAML, TEAMS, catalog

OWN, BARE = 500_000_000, 500_000_001


CATALOG = catalog()
FLEET = CustomApp(app_id=OWN, name="Fleet", domains=("fleet.example",), score=6)
HEAVY = ScoreSettings(factors={SAML: Importance.VERY_HIGH}, groups={Group.LEGAL: Importance.LOW})


def scored(overlay: Overlay) -> dict[int, int | None]:
    """Return the scores of all apps with an overlay."""
    return dict(CATALOG.with_overlay(overlay).apps.select("app_id", "score").iter_rows())


def test_without_settings_the_stored_scores_stand() -> None:
    """Nothing is calculated; apps keep their order and columns."""
    assert dict(CATALOG.apps.select("app_id", "score").iter_rows()) == {BOX: 6, DROPBOX: 8, TEAMS: None}
    assert not AS_SHIPPED
    assert not Overlay()
    assert scored(Overlay((FLEET,))) == {OWN: 6, BOX: 6, DROPBOX: 8, TEAMS: None}


def test_settings_score_every_app_anew() -> None:
    """Other weights give other scores: 7.9 and 5.4 here; scores of custom apps remain."""
    assert scored(Overlay((FLEET,), (), Scoring(HEAVY))) == {OWN: 6, BOX: 8, DROPBOX: 5, TEAMS: None}
    apps = CATALOG.with_overlay(Overlay((), (), Scoring(HEAVY))).apps
    assert apps.schema == CATALOG.apps.schema
    assert apps.drop("score").equals(CATALOG.apps.drop("score"))


def test_an_override_wins_over_everything() -> None:
    """Over facts, settings, and a custom app's score; one for a deleted app is no error."""
    given = {BOX: 0, TEAMS: 10, OWN: 1, 99: 4}
    assert scored(Overlay((FLEET,), (), Scoring(overrides=given))) == {OWN: 1, BOX: 0, DROPBOX: 8, TEAMS: 10}
    assert scored(Overlay((FLEET,), (), Scoring(HEAVY, given))) == {OWN: 1, BOX: 0, DROPBOX: 5, TEAMS: 10}


def test_attested_facts_count() -> None:
    """Attested facts are scored at once, even for a custom app without a score."""
    said = [
        Statement(kind=Kind.FACT, app_id=app_id, key=key, value="true", attested_on="2026-01-01")
        for app_id, keys in {TEAMS: [SAML, DMCA], BARE: [MFA, SAML, DMCA], OWN: [MFA, SAML, DMCA]}.items()
        for key in keys
    ]
    bare = CustomApp(app_id=BARE, name="Bare", domains=("bare.example",))
    assert scored(Overlay((FLEET, bare), tuple(said))) == {OWN: 6, BARE: 10, BOX: 6, DROPBOX: 8, TEAMS: 10}


def test_the_explanation_is_of_the_tenants_settings() -> None:
    """The score explained for an app is the one in the list."""
    heavy = CATALOG.with_overlay(Overlay((), (), Scoring(HEAVY)))
    for row in heavy.scores.iter_rows(named=True):
        found = heavy.score_of(facts_of(heavy.facts, row["app_id"]))
        assert (found.total, found.rounded, found.known) == (row["total"], row["score"], row["known"])
    assert heavy.score_of(facts_of(heavy.facts, TEAMS)).reason == "only 1 fact is known that can count; 3 are needed"
    assert heavy.score_of([]).known == 0
