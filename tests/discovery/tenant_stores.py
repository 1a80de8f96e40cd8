"""Tenants' overlays of the catalog, and what depends on them, for test houses."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.catalog.catalog import Catalog
from opencasb.discovery.reports import Reports
from opencasb.discovery.tenant_catalogs import TenantCatalogs
from opencasb.lake.usage import Lake
from opencasb.store.corrections import Corrections
from opencasb.store.custom_apps import CustomApps
from opencasb.store.database import Database
from opencasb.store.governance import GovernanceLog
from opencasb.store.probes import Probes
from opencasb.store.score_overrides import ScoreOverrides
from opencasb.store.score_settings import ScoreSettingsStore
from opencasb.store.streams import Streams
from opencasb.store.tags import Tags
from opencasb.store.unlisted_apps import UnlistedApps


class TenantStores:
    """The stores of the tenants in a house."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self.custom_apps = CustomApps(database, clock)
        self.corrections = Corrections(database, clock)
        self.score_settings = ScoreSettingsStore(database, clock)
        self.score_overrides = ScoreOverrides(database, clock)
        self.probes = Probes(database, clock)
        self.streams = Streams(database, clock)
        self.tags = Tags(database, clock)
        self.unlisted_apps = UnlistedApps(database)
        self.governance_log = GovernanceLog(database, clock)

    def over(self, catalog: Catalog) -> TenantCatalogs:
        """Return the tenants' catalogs over this one."""
        scores = (self.score_settings, self.score_overrides)
        return TenantCatalogs(catalog, self.custom_apps, self.corrections, *scores, self.probes)

    def reports_of(self, lake: Lake, catalogs: TenantCatalogs) -> Reports:
        """Return the tenants' reports."""
        return Reports(lake, catalogs, self.streams, self.tags, self.unlisted_apps)
