"""A catalog as a tenant scores it."""

from __future__ import annotations

from typing import cast

import polars as pl

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.overlay import Overlay
from opencasb.catalog.score_frame import points_frame, scores
from opencasb.catalog.scoring import AS_SHIPPED, Scoring
from opencasb.catalog.shipped import FACT_COLUMNS, CatalogFiles
from opencasb.model.app import CustomApp
from opencasb.model.correction import Kind, Statement
from opencasb.model.factor import Group, Importance
from opencasb.model.score_settings import ScoreSettings

BOX, DROPBOX, TEAMS, OWN, BARE = 1, 2, 3, 500_000_000, 500_000_001
MFA, SAML, DMCA = "is_multi_factor_authentication", "is_supports_saml", "is_dmca"


def facts() -> pl.DataFrame:
    """Return three facts about two apps, and one about the third."""
    said = {
        BOX: {MFA: "true", SAML: "true", DMCA: "false"},
        DROPBOX: {MFA: "true", SAML: "false", DMCA: "true"},
        TEAMS: {MFA: "true"},
    }
    rows = [
        (app_id, key, value, "test", "2026-01-01", "high", None, None)
        for app_id, values in said.items()
        for key, value in values.items()
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(FACT_COLUMNS, pl.String) | {"app_id": pl.Int32}, orient="row")


class Files:
    """The files of a catalog of three apps, with the scores that the builder would write."""

    def __init__(self) -> None:
        self.facts = facts()
        self.points = points_frame(self.facts)
        stored = scores(self.points).select("app_id", "score")
        text = pl.String()
        schema = [("app_id", pl.Int64()), ("name", text), ("category", text), ("domains", pl.List(text))]
        rows = [(app_id, f"App {app_id}", "SAASDB_CATEGORY_CRM", [f"{app_id}.example"]) for app_id in (1, 2, 3)]
        apps = pl.DataFrame(rows, schema=schema, orient="row").join(stored, on="app_id", how="left")
        self.apps = apps.with_columns(
            pl.lit(None, pl.String).alias("vendor"), pl.lit([], pl.List(pl.String)).alias("flags")
        )


CATALOG = Catalog(cast("CatalogFiles", Files()))
FLEET = CustomApp(app_id=OWN, name="Fleet", domains=("fleet.example",), score=6)
HEAVY = ScoreSettings(factors={SAML: Importance.VERY_HIGH}, groups={Group.LEGAL: Importance.LOW})


def scored(overlay: Overlay) -> dict[int, int | None]:
    """Return the scores of all apps with an overlay."""
    return dict(CATALOG.with_overlay(overlay).apps.select("app_id", "score").iter_rows())


def test_without_settings_the_stored_scores_stand() -> None:
    """Nothing is worked out; the order and columns of apps stay."""
    assert dict(CATALOG.apps.select("app_id", "score").iter_rows()) == {BOX: 5, DROPBOX: 8, TEAMS: None}
    assert not AS_SHIPPED
    assert not Overlay()
    assert scored(Overlay((FLEET,))) == {OWN: 6, BOX: 5, DROPBOX: 8, TEAMS: None}


def test_settings_score_every_app_anew() -> None:
    """Other weights, other scores: (10·2 + 5)/3 and (2·2 + 10)/3 here; those of custom apps stand."""
    assert scored(Overlay((FLEET,), (), Scoring(HEAVY))) == {OWN: 6, BOX: 7, DROPBOX: 5, TEAMS: None}
    apps = CATALOG.with_overlay(Overlay((), (), Scoring(HEAVY))).apps
    assert apps.schema == CATALOG.apps.schema
    assert apps.drop("score").equals(CATALOG.apps.drop("score"))


def test_an_override_wins_over_everything() -> None:
    """Over facts, over settings, over the score that a custom app comes with; an app that is gone is no error."""
    given = {BOX: 0, TEAMS: 10, OWN: 1, 99: 4}
    assert scored(Overlay((FLEET,), (), Scoring(overrides=given))) == {OWN: 1, BOX: 0, DROPBOX: 8, TEAMS: 10}
    assert scored(Overlay((FLEET,), (), Scoring(HEAVY, given))) == {OWN: 1, BOX: 0, DROPBOX: 5, TEAMS: 10}


def test_attested_facts_count() -> None:
    """What a tenant attests is scored at once, also for an app of its own without a score."""
    said = [
        Statement(kind=Kind.FACT, app_id=app_id, key=key, value="true", attested_on="2026-01-01")
        for app_id, keys in {TEAMS: [SAML, DMCA], BARE: [MFA, SAML, DMCA], OWN: [MFA, SAML, DMCA]}.items()
        for key in keys
    ]
    bare = CustomApp(app_id=BARE, name="Bare", domains=("bare.example",))
    assert scored(Overlay((FLEET, bare), tuple(said))) == {OWN: 6, BARE: 10, BOX: 5, DROPBOX: 8, TEAMS: 10}


def test_the_explanation_is_of_the_tenants_settings() -> None:
    """The score of one app, with its arithmetic, is that of the list."""
    catalog = CATALOG.with_overlay(Overlay((), (), Scoring(HEAVY)))
    for row in catalog.scores.iter_rows(named=True):
        found = catalog.score(row["app_id"])
        assert (found.total, found.rounded, found.known) == (row["total"], row["score"], row["known"])
    assert catalog.score(TEAMS).reason == "only 1 fact is known that can count; 3 are needed"
    assert catalog.score(4711).known == 0
