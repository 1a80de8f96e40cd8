"""The history of scores, kept while usage, settings, facts and the catalog change."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.reports import Reports
from opencasb.discovery.score_keeping import CAUSES, ScoreKeeping
from opencasb.discovery.tenant_catalogs import TenantCatalogs
from opencasb.governance.risk_scores import TASK, TEMPLATE, RiskScores
from opencasb.lake.usage import Lake
from opencasb.model.correction import Kind, Statement
from opencasb.model.factor import Group, Importance
from opencasb.model.stream import StreamType
from opencasb.store.audit_log import AuditLog
from opencasb.store.corrections import Corrections
from opencasb.store.custom_apps import CustomApps
from opencasb.store.database import Database
from opencasb.store.governance import GovernanceLog
from opencasb.store.score_history import ScoreHistory
from opencasb.store.score_overrides import ScoreOverrides
from opencasb.store.score_settings import ScoreSettingsStore
from opencasb.store.streams import Streams
from opencasb.store.tags import Tags
from opencasb.store.unlisted_apps import FIRST_ID, UnlistedApps
from tests.catalog.scored import BOX, DMCA, DROPBOX, SAID, SAML, TEAMS, catalog
from tests.conftest import NOW
from tests.lake.rows import names, usage

TENANT = 1


class House:
    """A tenant whose people used Box and Dropbox, and a clock that goes on."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.now = NOW
        self.database = database
        self.lake = Lake(str(folder))
        self.streams = Streams(database, self.clock)
        self.unlisted_apps = UnlistedApps(database)
        self.corrections = Corrections(database, self.clock)
        self.governance_log = GovernanceLog(database, self.clock)
        self.open(catalog())
        self.source = self.streams.create(TENANT, "edge", StreamType.INPUT)
        self.use("first")

    def clock(self) -> int:
        """Return a time that is later each time."""
        self.now += 1
        return self.now

    def open(self, shipped: Catalog) -> None:
        """Open the house again, with the catalog of another release."""
        settings, overrides = ScoreSettingsStore(self.database, self.clock), ScoreOverrides(self.database, self.clock)
        custom = CustomApps(self.database, self.clock)
        self.catalogs = catalogs = TenantCatalogs(shipped, custom, self.corrections, settings, overrides)
        tags = Tags(self.database, self.clock)
        self.reports = Reports(self.lake, catalogs, self.streams, tags, self.unlisted_apps)
        history = ScoreHistory(self.database)
        self.keeping = ScoreKeeping(shipped, catalogs, self.reports, self.lake, history, self.clock)
        self.scores = RiskScores(settings, overrides, self.keeping, self.governance_log)

    def use(self, batch: str, **changes: pl.Expr) -> None:
        """Add usage of Box and Dropbox, or as changed."""
        rows = usage(stream_id=self.source.stream_id).with_columns(**changes)
        self.lake.append(TENANT, rows, names(), batch)

    def changes(self) -> list[tuple[int, int | None, int | None, str, str]]:
        """Return the history by app, the oldest change first."""
        found = sorted(self.keeping.changes(TENANT) or [], key=lambda each: (each.app_id, each.time))
        return [(each.app_id, each.before, each.after, each.cause, each.author) for each in found]


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A house."""
    return House(database, tmp_path / "lake")


def test_weights_change_scores_of_the_past_too(house: House) -> None:
    """What was discovered before has its new score in the report, and its old one in the history, with who and why."""
    assert house.changes() == []
    house.scores.weigh(TENANT, groups={Group.LEGAL: Importance.IGNORED}, by="ann")
    assert house.changes() == [
        (BOX, 6, 10, "weights changed", "ann"),
        (DROPBOX, 8, 6, "weights changed", "ann"),
    ]
    report = house.reports.apps(TENANT, house.source.stream_id, 30)
    assert dict(report.select("app_id", "score").iter_rows()) == {BOX: 10, DROPBOX: 6}


def test_every_change_of_scores_is_a_task(house: House) -> None:
    """The governance log says that scores were worked out, for whom, and how many changed."""
    house.scores.override(TENANT, BOX, 2, "no contract", by="ann")
    (task,) = house.governance_log.page(TENANT)[0]
    assert (task["taskName"], task["createdBy"], task["isAutomatic"]) == (TASK, "ann", False)
    message = {"template": TEMPLATE, "parameters": {"changedScores": 1}}
    assert task["status"] == {"isSuccess": True, "templateMessage": message}
    entries = AuditLog(house.database, house.clock).latest(TENANT)
    assert "score.override" in {entry.action for entry in entries}


def test_an_override_counts_and_ends(house: House) -> None:
    """Also of an app outside the catalog, which has no score before and after; of unused apps there is no history."""
    house.unlisted_apps.ids(TENANT, ["files.example"])
    house.use("outside", app_id=pl.lit(FIRST_ID, pl.Int32))
    for app_id in (BOX, FIRST_ID, TEAMS):
        house.scores.override(TENANT, app_id, 1, "", by="ann")
    assert house.changes() == [(BOX, 6, 1, "override", "ann"), (FIRST_ID, None, 1, "override", "ann")]
    for app_id in (BOX, FIRST_ID, TEAMS):
        assert house.scores.remove_override(TENANT, app_id, by="ben")
    assert house.changes()[1::2] == [(BOX, 1, 6, "override", "ben"), (FIRST_ID, 1, None, "override", "ben")]


def test_a_newer_catalog_changes_scores(house: House) -> None:
    """The next look finds what changed, and that the catalog did."""
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
    """A newer catalog that nobody has looked at yet is settled before weights are changed."""
    house.keeping.settle(TENANT)
    house.open(catalog({**SAID, BOX: {**SAID[BOX], DMCA: "true"}}, version="2"))
    house.scores.weigh(TENANT, factors={SAML: Importance.VERY_HIGH}, by="ann")
    assert house.changes() == [(BOX, 6, 10, "newer catalog", ""), (DROPBOX, 8, 7, "weights changed", "ann")]
    house.scores.reset(TENANT, by="ben")
    assert (DROPBOX, 7, 8, "weights changed", "ben") in house.changes()


def test_a_tenant_without_usage_has_no_history(house: House) -> None:
    """And no error."""
    house.scores.weigh(TENANT + 1, groups={Group.LEGAL: Importance.IGNORED}, by="ann")
    assert house.keeping.changes(TENANT + 1) == []


def test_every_revision_has_a_cause(house: House) -> None:
    """A part of a tenant's catalog that is added needs words for the history."""
    assert set(CAUSES) == {"catalog", *house.catalogs.revisions(TENANT)}
