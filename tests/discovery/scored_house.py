"""A tenant with usage of apps that have scores, for tests of what changes them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.reports import Reports
from opencasb.discovery.score_keeping import ScoreKeeping
from opencasb.discovery.tenant_catalogs import TenantCatalogs
from opencasb.governance.risk_scores import RiskScores
from opencasb.lake.usage import Lake
from opencasb.model.stream import StreamType
from opencasb.store.corrections import Corrections
from opencasb.store.custom_apps import CustomApps
from opencasb.store.database import Database
from opencasb.store.governance import GovernanceLog
from opencasb.store.probes import Probes
from opencasb.store.score_history import ScoreHistory
from opencasb.store.score_overrides import ScoreOverrides
from opencasb.store.score_settings import ScoreSettingsStore
from opencasb.store.streams import Streams
from opencasb.store.tags import Tags
from opencasb.store.unlisted_apps import UnlistedApps
from tests.catalog.scored import catalog
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
        self.catalogs = catalogs = TenantCatalogs(
            shipped, custom, self.corrections, settings, overrides, Probes(self.database, self.clock)
        )
        tags = Tags(self.database, self.clock)
        self.reports = Reports(self.lake, catalogs, self.streams, tags, self.unlisted_apps)
        history = ScoreHistory(self.database)
        self.keeping = ScoreKeeping(shipped, catalogs, self.reports, self.lake, history, self.clock)
        self.scores = RiskScores(settings, overrides, catalogs, self.keeping, self.governance_log)

    def use(self, batch: str, **changes: pl.Expr) -> None:
        """Add usage of Box and Dropbox, or as changed."""
        rows = usage(stream_id=self.source.stream_id).with_columns(**changes)
        self.lake.append(TENANT, rows, names(), batch)

    def changes(self) -> list[tuple[int, int | None, int | None, str, str]]:
        """Return the history by app, the oldest change first."""
        found = sorted(self.keeping.changes(TENANT) or [], key=lambda each: (each.app_id, each.time))
        return [(each.app_id, each.before, each.after, each.cause, each.author) for each in found]
