"""The composition root: the only place that wires parts together, each made when first asked for."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opencasb import memory
from opencasb.private_files import keep_private
from opencasb.store.stores import Stores

if TYPE_CHECKING:
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
    from opencasb.governance.correcting import Correcting
    from opencasb.governance.overlays import Overlays
    from opencasb.governance.promotion import Promotion
    from opencasb.governance.resolving import Resolving
    from opencasb.governance.risk_scores import RiskScores
    from opencasb.governance.tagging import Tagging
    from opencasb.identity.identity import Identity
    from opencasb.identity.tls import Tls
    from opencasb.lake.usage import Lake
    from opencasb.listening import Doors
    from opencasb.notify.notifications import Notifications
    from opencasb.reporting.tables import ReportTables
    from opencasb.saas.saas import Saas
    from opencasb.settings import Settings
    from opencasb.store.database import Database


def now_ms() -> int:
    """Return the time in ms since the epoch UTC."""
    return time.time_ns() // 1_000_000


class Casb(Stores):
    """An opened installation: settings, stores and services over one data directory."""

    def __init__(self, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        super().__init__(clock)
        self.settings = settings

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], int] = now_ms) -> Casb:
        """Open an installation, creating its directory and bringing its database up to date."""
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
        """Give back connections."""
        self.database.close()

    def open_database(self) -> Database:
        """Open the operational store."""
        from opencasb.store.database import Database

        return Database(
            self.settings.effective_database_url,
            lock_seconds=self.settings.database_lock_seconds,
            statement_seconds=self.settings.database_statement_seconds,
        )

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
    def identity(self) -> Identity:
        """Tokens, applications and the checks of every call."""
        from opencasb.identity.identity import Identity

        return Identity(self.database, self.clock, self.settings, tenants=self.tenants, users=self.users)

    @cached_property
    def tls(self) -> Tls:
        """The certificate this server shows."""
        from opencasb.identity.tls import Tls

        return Tls(self.settings, self.clock)

    @cached_property
    def receivers(self) -> Receivers:
        """The receivers of this server."""
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
            lambda: self.tls.context_for(self.settings.syslog_client_ca), self.tls.ensure, verify_password, Throttle()
        )
        return Receivers(stores, self.settings, trust, self.clock)

    @cached_property
    def saas(self) -> Saas:
        """Integrations that read discovered apps out of a Graph."""
        from opencasb.saas.saas import Saas

        days = self.settings.record_retention_days
        return Saas(self.database, self.identity.vault, self.clock, retention_days=days)

    @cached_property
    def notifications(self) -> Notifications:
        """Warnings that go out by mail and webhook."""
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
        """App tags, given and taken by the rules."""
        from opencasb.governance.tagging import Tagging

        return Tagging(self.tags, self.governance_log)

    @cached_property
    def promotion(self) -> Promotion:
        """From unlisted domains to custom apps."""
        from opencasb.governance.promotion import Promotion

        return Promotion(self.custom_apps, self.tags, self.tagging, self.risk_scores)

    @cached_property
    def resolving(self) -> Resolving:
        """Pseudonyms and names, on record."""
        from opencasb.governance.resolving import Resolving

        return Resolving(self.tenants, self.governance_log, self.identity.audit_log)

    @cached_property
    def tenant_catalogs(self) -> TenantCatalogs:
        """The catalog as each tenant has it."""
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
    def score_keeping(self) -> ScoreKeeping:
        """The history of scores, kept up."""
        from opencasb.discovery.score_keeping import ScoreKeeping

        return ScoreKeeping(self.catalog, self.tenant_catalogs, self.reports, self.lake, self.score_history, self.clock)

    @cached_property
    def risk_scores(self) -> RiskScores:
        """The way in for weights and scores of a tenant's own."""
        from opencasb.governance.risk_scores import RiskScores

        return RiskScores(
            self.score_settings, self.score_overrides, self.tenant_catalogs, self.score_keeping, self.governance_log
        )

    @cached_property
    def prober(self) -> Prober:
        """The way to measure apps over the internet."""
        from opencasb.discovery.probe.prober import Prober

        bootstrap = self.settings.probe_registries
        return Prober(self.reports, self.streams, self.probes, self.clock, bootstrap=bootstrap)

    @cached_property
    def correcting(self) -> Correcting:
        """The way in for corrections of the catalog."""
        from opencasb.governance.correcting import Correcting

        review = self.settings.catalog_review
        return Correcting(self.corrections, self.custom_apps, self.tenant_catalogs, self.clock, review=review)

    @cached_property
    def overlays(self) -> Overlays:
        """Custom apps and corrections as files."""
        from opencasb.governance.overlays import Overlays

        return Overlays(self.custom_apps, self.corrections, self.tenant_catalogs, self.correcting)

    @cached_property
    def unlisted(self) -> Unlisted:
        """What is thought of domains outside the catalog."""
        from opencasb.discovery.unlisted import Unlisted

        return Unlisted(self.lake, self.tenant_catalogs, self.reports, self.unlisted_apps)

    @cached_property
    def parsers(self) -> AttachedParsers:
        """Parsers that tenants define, with the data sources that use them."""
        from opencasb.discovery.custom.attached import AttachedParsers

        return AttachedParsers(self.custom_parsers, self.streams)

    @cached_property
    def ingest(self) -> Ingest:
        """The way in for activities, entities and files."""
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
            read_activity=readers.activities(ranges.of, Places(self.settings.places), self.own_domains.all),
            read_entity=readers.entities(self.own_domains.all),
            read_file=lambda tenant_id, now: readers.files(tenant_id, now, self.own_domains.all(tenant_id)),
            clock=self.clock,
            tag=GroupTags(self.user_groups, self.entities).tagged,
            seen=(
                People(self.entities, self.clock, self.own_domains.all).seen,
                Inventory(
                    self.files, self.clock, SiteOwners(self.entities, self.own_domains.all), self.own_domains.all
                ).seen,
            ),
        )

    @cached_property
    def reports(self) -> Reports:
        """Reports of discovered apps."""
        from opencasb.discovery.reports import Reports

        return Reports(self.lake, self.tenant_catalogs, self.streams, self.tags, self.unlisted_apps)

    @cached_property
    def report_tables(self) -> ReportTables:
        """The tables of report feeds."""
        from opencasb.api.reporting.graph_words import GraphWords
        from opencasb.reporting.tables import ReportTables

        return ReportTables(self.reports, self.lake, self.streams, self.tags, GraphWords())

    @cached_property
    def intake(self) -> Intake:
        """The way in for log files."""
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
    def processing(self) -> Processing:
        """The way from a queued log file to the lake."""
        from opencasb.activities.alert_columns import record
        from opencasb.discovery.drift_alerts import DriftAlerts
        from opencasb.discovery.drift_watch import DriftWatch
        from opencasb.discovery.processing import Processing

        drift_alerts = DriftAlerts(self.alerts, self.source_shapes, record)
        return Processing(
            uploads=self.uploads,
            streams=self.streams,
            tenants=self.tenants,
            exclusions=self.exclusions,
            unlisted_apps=self.unlisted_apps,
            governance_log=self.governance_log,
            counters=self.receiver_counters,
            drift=DriftWatch(self.source_shapes, self.governance_log, drift_alerts),
            intake=self.intake,
            reports=self.reports,
            lake=self.lake,
            parsers=self.parsers,
            retention_days=self.settings.retention_days,
            max_expanded_bytes=self.settings.max_expanded_bytes,
            clock=self.clock,
        )


class Opener:
    """What commands get: opens the installation of a data directory."""

    def open(self, data: Path | None = None, *, new: bool = False, **overrides: Any) -> Casb:  # values of any setting
        """Open an installation, which may be a ``new`` one.

        A wrong setting, such as a directory without one, ends the program with a message and exit code 2.
        """
        from opencasb import logs
        from opencasb.setting_checks import check_there
        from opencasb.settings import load_or_exit

        logs.to_stderr()
        settings = load_or_exit(data, **overrides)
        if not new:
            check_there(settings)
        return Casb.open(settings)

    @contextmanager
    def server(self, data: Path | None = None, **overrides: Any) -> Iterator[tuple[Casb, Doors]]:  # as in open
        """Open an installation to serve it: its ports are bound, one that may be any is known, it has a certificate.

        A port that cannot be had ends the program with a message and exit code 1.
        """
        from dataclasses import replace

        from opencasb import logs
        from opencasb.listening import Unbound, listening
        from opencasb.settings import load_or_exit

        logs.to_stderr()
        settings = load_or_exit(data, **overrides)
        with ExitStack() as bound:
            try:
                doors = bound.enter_context(listening(settings))
            except Unbound as error:
                sys.stderr.write(f"{error}\n")
                sys.exit(1)
            casb = Casb.open(replace(settings, port=doors.port))
            casb.tls.ensure()
            casb.identity.read_key_files()
            yield casb, doors

    def serve(self, casb: Casb, doors: Doors, ready: Callable[[], None]) -> None:
        """Serve an installation until SIGINT or SIGTERM; ``ready`` is called once it answers.

        A lake that cannot be made, or whose store would lose commits, ends it with a message and exit code 1.
        """
        from opencasb.lake.object_store import UnsafeStore, check
        from opencasb.server import serve

        try:
            if casb.settings.lake_url:
                check(casb.settings.effective_lake_url)
        except UnsafeStore as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(1)
        serve(casb, doors, ready)


def main() -> None:
    """Run the command line."""
    try:
        memory.collect_seldom()

        from opencasb.cli.main import cli
        from opencasb.cli.named_output import name_output, open_closed

        open_closed()
        memory.share_pages()
        memory.keep_freed()
        name_output()
        cli(obj=Opener())
    except KeyboardInterrupt:  # where click does not take it: while it is loaded, and when the program ends
        sys.stderr.write("\nAborted!\n")
        sys.exit(130)
