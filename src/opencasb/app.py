"""The composition root: wires the parts of an installation together, each created on first use."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from opencasb.private_files import keep_private
from opencasb.store.stores import Stores

if TYPE_CHECKING:
    import sqlalchemy as sa

    from opencasb.activities.ingest import Ingest
    from opencasb.catalog.catalog import Catalog
    from opencasb.discovery.custom.attached import AttachedParsers
    from opencasb.discovery.intake import Intake
    from opencasb.discovery.probe.prober import Prober
    from opencasb.discovery.processing import Processing
    from opencasb.discovery.receivers.service import Receivers
    from opencasb.discovery.reports import Reports
    from opencasb.discovery.score_keeping import ScoreKeeping
    from opencasb.discovery.tenant_catalogs import TenantCatalogs
    from opencasb.discovery.unlisted import Unlisted
    from opencasb.governance.catalog_corrections import CatalogCorrections
    from opencasb.governance.overlays import Overlays
    from opencasb.governance.promotion import Promotion
    from opencasb.governance.pseudonym_resolver import PseudonymResolver
    from opencasb.governance.risk_scores import RiskScores
    from opencasb.governance.tagging import Tagging
    from opencasb.identity.identity import Identity
    from opencasb.identity.pseudonym_keys import PseudonymKeys
    from opencasb.identity.tls import Tls
    from opencasb.lake.usage import Lake
    from opencasb.model.stream import Stream
    from opencasb.notify.notifications import Notifications
    from opencasb.reporting.tables import ReportTables
    from opencasb.saas.saas import Saas
    from opencasb.settings import Settings
    from opencasb.store.database import Database
    from opencasb.store.source_shapes import SourceWarning


def now_ms() -> int:
    """Return the time in ms since the epoch UTC."""
    return time.time_ns() // 1_000_000


class Casb(Stores):
    """An open installation: settings, stores and services over one data directory."""

    def __init__(self, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        super().__init__(clock)
        self.settings = settings

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], int] = now_ms) -> Casb:
        """Open an installation: create its directory if missing and migrate its database."""
        from opencasb.setting_checks import check_lake
        from opencasb.store.migrate import upgrade
        from opencasb.store.partitions import prepare

        check_lake(settings.lake_url, settings.effective_lake_url)
        settings.data.mkdir(parents=True, exist_ok=True)
        keep_private(settings)
        opened = cls(settings, clock)
        upgrade(opened.database)
        prepare(opened.database, clock(), settings.record_retention_days)
        return opened

    def close(self) -> None:
        """Close the database connections."""
        self.database.close()

    @cached_property
    def database(self) -> Database:
        """The operational store."""
        from opencasb.store.database import Database

        return Database(
            self.settings.effective_database_url,
            lock_seconds=self.settings.database_lock_seconds,
            statement_seconds=self.settings.database_statement_seconds,
        )

    @cached_property
    def identity(self) -> Identity:
        """Tokens, applications and the authorisation of every call."""
        from opencasb.identity.identity import Identity

        return Identity(self.database, self.clock, self.settings, tenants=self.tenants, users=self.users)

    @cached_property
    def tls(self) -> Tls:
        """The certificate that this server presents."""
        from opencasb.identity.tls import Tls

        return Tls(self.settings, self.clock)

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
        from opencasb.discovery.drift_watch import DriftWatch
        from opencasb.discovery.processing import Processing

        return Processing(
            uploads=self.uploads,
            streams=self.streams,
            pseudonym_key=lambda tenant_id: self.pseudonym_keys.of(tenant_id),  # noqa: PLW0108 -- loads them when needed
            exclusions=self.exclusions,
            unlisted_apps=self.unlisted_apps,
            governance_log=self.governance_log,
            counters=self.receiver_counters,
            drift=DriftWatch(self.source_shapes, self.governance_log, self._alert_of_drift),
            intake=self.intake,
            reports=self.reports,
            lake=self.lake,
            parsers=self.parsers,
            retention_days=self.settings.retention_days,
            max_expanded_bytes=self.settings.max_expanded_bytes,
            clock=self.clock,
        )

    def _alert_of_drift(self, connection: sa.Connection, stream: Stream, warning: SourceWarning) -> None:
        """Raise the alert for a warning; few logs need one, and what it imports takes 25 ms."""
        from opencasb.activities.alert_columns import record
        from opencasb.discovery.drift_alerts import DriftAlerts

        DriftAlerts(self.source_shapes, self.alerts, record).add(connection, stream, warning)

    @cached_property
    def receivers(self) -> Receivers:
        """The log receivers of this server."""
        from opencasb.discovery.receivers.service import Receivers, Stores, Trust
        from opencasb.identity.passwords import verify_password
        from opencasb.identity.throttle import Throttle
        from opencasb.store.taken_objects import TakenObjects

        stores = Stores(
            self.streams,
            self.bindings,
            self.receiver_counters,
            TakenObjects(self.database),
            self.uploads,
            self.intake,
        )
        trust = Trust(
            lambda: self.tls.syslog_context(self.settings.syslog_client_ca),
            self.tls.ensure,
            verify_password,
            Throttle(),
        )
        return Receivers(stores, self.settings, trust, self.clock)

    @cached_property
    def saas(self) -> Saas:
        """Integrations that read discovered apps from a Graph API."""
        from opencasb.saas.saas import Saas

        days = self.settings.record_retention_days
        return Saas(self.database, self.identity.vault, self.clock, retention_days=days)

    @cached_property
    def notifications(self) -> Notifications:
        """Warnings sent by mail and webhook."""
        from opencasb.notify.notifications import Notifications
        from opencasb.notify.notifier import notifiers

        return Notifications(
            self.database,
            self.identity.vault,
            self.clock,
            tenants=self.tenants,
            ways=notifiers(self.settings),
            base_url=self.settings.effective_public_url,
        )

    @cached_property
    def tagging(self) -> Tagging:
        """App tags, added and removed according to the rules."""
        from opencasb.governance.tagging import Tagging

        return Tagging(self.tags, self.governance_log)

    @cached_property
    def promotion(self) -> Promotion:
        """Promotion of unlisted domains to custom apps."""
        from opencasb.governance.promotion import Promotion

        return Promotion(self.custom_apps, self.tags, self.tagging, self.risk_scores)

    @cached_property
    def pseudonym_resolver(self) -> PseudonymResolver:
        """Resolution of pseudonyms to names, with an audit trail."""
        from opencasb.governance.pseudonym_resolver import PseudonymResolver

        return PseudonymResolver(self.pseudonym_keys.of, self.governance_log, self.identity.audit_log)

    @cached_property
    def risk_scores(self) -> RiskScores:
        """Entry point for a tenant's own score weights and score overrides."""
        from opencasb.governance.risk_scores import RiskScores

        return RiskScores(
            self.score_settings, self.score_overrides, self.tenant_catalogs, self.score_keeping, self.governance_log
        )

    @cached_property
    def catalog_corrections(self) -> CatalogCorrections:
        """Entry point for catalog corrections."""
        from opencasb.governance.catalog_corrections import CatalogCorrections

        review = self.settings.catalog_review
        return CatalogCorrections(self.corrections, self.custom_apps, self.tenant_catalogs, self.clock, review=review)

    @cached_property
    def overlays(self) -> Overlays:
        """Import and export of custom apps and corrections as files."""
        from opencasb.governance.overlays import Overlays

        return Overlays(self.custom_apps, self.corrections, self.tenant_catalogs, self.catalog_corrections)

    @cached_property
    def ingest(self) -> Ingest:
        """Ingest of activities, entities and files."""
        from opencasb.activities import readers
        from opencasb.activities.group_tags import GroupTags
        from opencasb.activities.ingest import Ingest
        from opencasb.activities.inventory import Inventory
        from opencasb.activities.ip_ranges import RangeIndexes
        from opencasb.activities.people import People, ScannedEntities
        from opencasb.activities.personal_sites import SiteOwners
        from opencasb.activities.places import Places

        ranges = RangeIndexes(self.ip_ranges, self.catalog.addresses)
        return Ingest(
            self.activities,
            ScannedEntities(self.database, self.clock),
            self.files,
            read_activity=readers.activities(ranges.of, Places(self.settings.places).find, self.tenants.guid),
            read_entity=readers.entities,
            read_file=readers.files,
            clock=self.clock,
            own_domains=self.own_domains.all,
            tag=GroupTags(self.user_groups, self.entities).tagged,
            seen=(
                People(self.entities, self.clock).seen,
                Inventory(self.files, self.clock, SiteOwners(self.entities)).seen,
            ),
        )

    @cached_property
    def report_tables(self) -> ReportTables:
        """The tables behind the report feeds."""
        from opencasb.api.reporting.graph_vocabulary import GraphVocabulary
        from opencasb.reporting.tables import ReportTables

        return ReportTables(self.reports, self.lake, self.streams, self.tags, GraphVocabulary())
