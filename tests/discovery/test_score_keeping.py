"""The score history, recorded while usage, settings, facts and the catalog change."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from opencasb.discovery.score_keeping import CAUSES
from opencasb.model.correction import Kind, Statement
from opencasb.model.factor import Group, Importance
from opencasb.store.database import Database
from opencasb.store.unlisted_apps import FIRST_ID
from tests.catalog.scored import BOX, DMCA, DROPBOX, SAID, SAML, TEAMS, catalog
from tests.discovery.scored_house import TENANT, House


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house."""
    return House(database, tmp_path / "lake")


def test_weights_change_scores_of_the_past_too(house: House) -> None:
    """Discovered apps have their new score in the report, and the old one in the history, with author and cause."""
    assert house.changes() == []
    house.scores.weigh(TENANT, groups={Group.LEGAL: Importance.IGNORED}, by="ann")
    assert house.changes() == [
        (BOX, 6, 10, "weights changed", "ann"),
        (DROPBOX, 8, 6, "weights changed", "ann"),
    ]
    report = house.reports.apps(TENANT, house.source.stream_id, 30)
    assert dict(report.select("app_id", "score").iter_rows()) == {BOX: 10, DROPBOX: 6}


def test_scores_of_few_facts_are_marked_in_reports(house: House) -> None:
    """Overrides by the tenant are not marked."""
    house.scores.override(TENANT, BOX, 9, "", by="ann")
    report = house.reports.apps(TENANT, house.source.stream_id, 30)
    assert dict(report.select("app_id", "flags").iter_rows()) == {BOX: [], DROPBOX: ["low-evidence"]}


def test_an_override_counts_and_ends(house: House) -> None:
    """Also for an app outside the catalog, which is otherwise unscored; unused apps have no history."""
    house.unlisted_apps.ids(TENANT, ["files.example"])
    house.use("outside", app_id=pl.lit(FIRST_ID, pl.Int32))
    for app_id in (BOX, FIRST_ID, TEAMS):
        house.scores.override(TENANT, app_id, 1, "", by="ann")
    assert house.changes() == [(BOX, 6, 1, "override", "ann"), (FIRST_ID, None, 1, "override", "ann")]
    for app_id in (BOX, FIRST_ID, TEAMS):
        assert house.scores.remove_override(TENANT, app_id, by="ben")
    assert house.changes()[1::2] == [(BOX, 1, 6, "override", "ben"), (FIRST_ID, 1, None, "override", "ben")]


def test_a_newer_catalog_changes_scores(house: House) -> None:
    """The next look finds the changes, with the catalog as their cause."""
    house.keeping.settle(TENANT)
    house.open(catalog({**SAID, BOX: {**SAID[BOX], DMCA: "true"}}, version="2"))
    assert house.changes() == [(BOX, 6, 10, "newer catalog", "")]
    assert house.keeping.settle(TENANT) == []


def test_a_new_fact_changes_scores(house: House) -> None:
    """Attested by the tenant."""
    house.keeping.settle(TENANT)
    said = Statement(kind=Kind.FACT, app_id=DROPBOX, key=SAML, value="true", attested_on="2025-11-20")
    house.corrections.put(TENANT, [said], by="ann", review=False)
    assert house.changes() == [(DROPBOX, 8, 10, "new fact", "")]


def test_what_came_between_is_not_counted_as_the_effect_of_a_change(house: House) -> None:
    """A newer catalog that was not looked at yet is settled before weights are changed."""
    house.keeping.settle(TENANT)
    house.open(catalog({**SAID, BOX: {**SAID[BOX], DMCA: "true"}}, version="2"))
    house.scores.weigh(TENANT, factors={SAML: Importance.VERY_HIGH}, by="ann")
    assert house.changes() == [(BOX, 6, 10, "newer catalog", ""), (DROPBOX, 8, 7, "weights changed", "ann")]
    house.scores.reset(TENANT, by="ben")
    assert (DROPBOX, 7, 8, "weights changed", "ben") in house.changes()


def test_a_tenant_without_usage_has_no_history(house: House) -> None:
    """This is not an error."""
    house.scores.weigh(TENANT + 1, groups={Group.LEGAL: Importance.IGNORED}, by="ann")
    assert house.keeping.changes(TENANT + 1) == []


def test_every_revision_has_a_cause(house: House) -> None:
    """A new part of a tenant's catalog needs a text for the history."""
    assert set(CAUSES) == {"catalog", *house.catalogs.revisions(TENANT)}
