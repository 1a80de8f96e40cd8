"""The wiring of discovery, from a queued log file to reports: each part is created on first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from opencasb.store.stores import Stores

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.discovery.custom.attached import AttachedParsers
    from opencasb.discovery.intake import Intake
    from opencasb.discovery.probe.prober import Prober
    from opencasb.discovery.processing import Processing
    from opencasb.discovery.reports import Reports
    from opencasb.discovery.score_keeping import ScoreKeeping
    from opencasb.discovery.tenant_catalogs import TenantCatalogs
    from opencasb.discovery.unlisted import Unlisted
    from opencasb.identity.pseudonym_keys import PseudonymKeys
    from opencasb.lake.usage import Lake
    from opencasb.settings import Settings


class Discovery(Stores):
    """The parts of discovery over the repositories of an installation."""

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        super().__init__(clock)
        self.settings = settings

    @cached_property
    def lake(self) -> Lake:
        """The usage lake."""
        from opencasb.lake.usage import Lake

        return Lake(self.settings.effective_lake_url)

    @cached_property
    def catalog(self) -> Catalog:
        """The shipped catalog, without any tenant's custom apps."""
        from opencasb.catalog.catalog import Catalog

        return Catalog.shipped(self.settings.catalog_layers)

    @cached_property
    def tenant_catalogs(self) -> TenantCatalogs:
        """Each tenant's own view of the catalog."""
        from opencasb.discovery.tenant_catalogs import TenantCatalogs

        return TenantCatalogs(
            self.catalog,
            self.custom_apps,
            self.corrections,
            self.score_settings,
            self.score_overrides,
            self.probes,
        )

    @cached_property
    def reports(self) -> Reports:
        """Reports on discovered apps."""
        from opencasb.discovery.reports import Reports

        return Reports(self.lake, self.tenant_catalogs, self.streams, self.tags, self.unlisted_apps)

    @cached_property
    def score_keeping(self) -> ScoreKeeping:
        """Upkeep of the score history."""
        from opencasb.discovery.score_keeping import ScoreKeeping

        return ScoreKeeping(self.catalog, self.tenant_catalogs, self.reports, self.lake, self.score_history, self.clock)

    @cached_property
    def prober(self) -> Prober:
        """Probes that measure apps over the internet."""
        from opencasb.discovery.probe.prober import Prober

        bootstrap = self.settings.probe_registries
        return Prober(self.reports, self.streams, self.probes, self.clock, bootstrap=bootstrap)

    @cached_property
    def unlisted(self) -> Unlisted:
        """Assessment of domains outside the catalog."""
        from opencasb.discovery.unlisted import Unlisted

        return Unlisted(self.lake, self.tenant_catalogs, self.reports, self.unlisted_apps)

    @cached_property
    def parsers(self) -> AttachedParsers:
        """Tenants' custom parsers, with the data sources that use them."""
        from opencasb.discovery.custom.attached import AttachedParsers

        return AttachedParsers(self.custom_parsers, self.streams)

    @cached_property
    def intake(self) -> Intake:
        """Entry point for log files."""
        from opencasb.discovery.intake import Intake

        return Intake(
            self.settings.data / "uploads",
            self.uploads,
            self.streams,
            self.governance_log,
            max_bytes=self.settings.max_upload_bytes,
            clock=self.clock,
        )

    @cached_property
    def pseudonym_keys(self) -> PseudonymKeys:
        """The keys behind each tenant's pseudonyms."""
        from opencasb.identity.keyfiles import KEY_FOLDER, VAULT
        from opencasb.identity.pseudonym_keys import PseudonymKeys
        from opencasb.identity.vault import Vault

        return PseudonymKeys(self.tenants, Vault(self.settings.data / KEY_FOLDER / VAULT))

    @cached_property
    def processing(self) -> Processing:
        """The pipeline from a queued log file to the lake."""
        from opencasb.activities.alert_columns import record
        from opencasb.discovery.drift_watch import DriftWatch
        from opencasb.discovery.processing import Processing

        return Processing(
            uploads=self.uploads,
            streams=self.streams,
            pseudonym_key=self.pseudonym_keys.of,
            exclusions=self.exclusions,
            unlisted_apps=self.unlisted_apps,
            governance_log=self.governance_log,
            counters=self.receiver_counters,
            drift=DriftWatch(self.source_shapes, self.governance_log, self.alerts, record),
            intake=self.intake,
            reports=self.reports,
            lake=self.lake,
            parsers=self.parsers,
            retention_days=self.settings.retention_days,
            max_expanded_bytes=self.settings.max_expanded_bytes,
            clock=self.clock,
        )
