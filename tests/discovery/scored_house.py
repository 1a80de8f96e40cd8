"""A tenant with usage of scored apps, for tests of score changes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.score_keeping import ScoreKeeping
from opencasb.governance.risk_scores import RiskScores
from opencasb.lake.usage import Lake
from opencasb.model.stream import StreamType
from opencasb.store.database import Database
from opencasb.store.score_history import ScoreHistory
from tests.catalog.scored import catalog
from tests.conftest import NOW
from tests.discovery.tenant_stores import TenantStores
from tests.lake.rows import names, usage

TENANT = 1


class House(TenantStores):
    """A tenant whose users used Box and Dropbox, and a ticking clock."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.now = NOW
        super().__init__(database, self.clock)
        self.database = database
        self.lake = Lake(str(folder))
        self.open(catalog())
        self.source = self.streams.create(TENANT, "edge", StreamType.INPUT)
        self.use("first")

    def clock(self) -> int:
        """Return a time that is later with each call."""
        self.now += 1
        return self.now

    def open(self, shipped: Catalog) -> None:
        """Reopen the house with the catalog of another release."""
        self.catalogs = self.over(shipped)
        self.reports = self.reports_of(self.lake, self.catalogs)
        history = ScoreHistory(self.database)
        self.keeping = ScoreKeeping(shipped, self.catalogs, self.reports, self.lake, history, self.clock)
        self.scores = RiskScores(
            self.score_settings, self.score_overrides, self.catalogs, self.keeping, self.governance_log
        )

    def use(self, batch: str, **changes: pl.Expr) -> None:
        """Add usage of Box and Dropbox, optionally changed."""
        rows = usage(stream_id=self.source.stream_id).with_columns(**changes)
        self.lake.append(TENANT, rows, names(), batch)

    def changes(self) -> list[tuple[int, int | None, int | None, str, str]]:
        """Return the history by app, oldest change first."""
        found = sorted(self.keeping.changes(TENANT) or [], key=lambda each: (each.app_id, each.time))
        return [(each.app_id, each.before, each.after, each.cause, each.author) for each in found]
