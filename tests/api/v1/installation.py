"""An installation with data for the REST API tests: real stores, lake and services, and a small catalog.

It is created once per session, and copied for each test.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import polars as pl

from opencasb.app import Casb
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.networks import AddressTable
from opencasb.catalog.overlay import Overlay
from opencasb.catalog.score_frame import points_frame
from opencasb.catalog.shipped import CatalogFiles
from opencasb.identity.resources import Resources
from opencasb.lake.names import name_id
from opencasb.lake.usage import stream_key
from opencasb.model.permissions import MDCA, parse_permission
from opencasb.model.roles import Role
from opencasb.model.stream import StreamType
from opencasb.settings import Settings
from tests.catalog import schemas
from tests.conftest import NOW, create_schema
from tests.lake.rows import names_frame, usage_frame

DAY = 86_400_000
BOX, DROPBOX, TEAMS, OKTA = 10489, 11627, 28375, 10980
UNLISTED = 1_000_000_000
APPS = [
    (BOX, "Box", "SAASDB_CATEGORY_CLOUD_STORAGE", ["box.com", "boxcdn.net"], 8),
    (DROPBOX, "Dropbox", "SAASDB_CATEGORY_CLOUD_STORAGE", ["dropbox.com"], 3),
    (TEAMS, "Microsoft Teams", "SAASDB_CATEGORY_COLLABORATION", ["teams.microsoft.com"], None),
    (OKTA, "Okta", "SAASDB_CATEGORY_SECURITY", ["okta.com"], 9),
    (33626, "Google", "SAASDB_CATEGORY_SECURITY", ["google.com"], None),
]
FACTS: dict[int, dict[str, str]] = {
    BOX: {
        "data_center": '["US", "IE"]',
        "data_retention_policy": '"deletedWithinOneMonth"',
        "is_dmca": "true",
        "is_ip_address_restriction": "false",
        "is_multi_factor_authentication": "true",
        "is_requires_user_authentication": "true",
        "is_supports_saml": "true",
        "sso_surcharge_percent": "33.4",
    },
    DROPBOX: {
        "is_admin_audit_trail": "false",
        "is_dmca": "false",
        "is_hipaa_compliant": "false",
        "is_multi_factor_authentication": "true",
        "is_soc2_compliant": '"notApplicable"',
        "is_soc3_compliant": "true",
        "is_supports_saml": "false",
        "latest_breach_date_time": '"2012-07-01"',
    },
    TEAMS: {"is_multi_factor_authentication": "true"},
    OKTA: {
        "encryption_protocol": '"tls1_2"',
        "founded": "2009",
        "is_multi_factor_authentication": "true",
        "is_supports_saml": "true",
    },
}
"""Key → JSON text by app; the scores of :data:`APPS` follow from them."""

VENDORS = {TEAMS: "Microsoft", OKTA: "Okta", 33626: "Google"}


class SmallFiles:
    """The files of a catalog with five apps; hosts and addresses are not matched."""

    addresses = AddressTable(())

    apps = pl.DataFrame(
        [(*row, VENDORS.get(row[0]), ["remote-access"] if row[0] == TEAMS else []) for row in APPS],
        schema=schemas.APPS,
        orient="row",
    )
    facts = pl.DataFrame(
        [
            (app_id, key, value, "test", "2025-11-01", "high", None, None)
            for app_id, said in FACTS.items()
            for key, value in said.items()
        ],
        schema=schemas.FACTS,
        orient="row",
    )
    version = "small"

    @cached_property
    def points(self) -> pl.DataFrame:
        """The points of the facts."""
        return points_frame(self.facts)


class SmallCatalog(Catalog):
    """A catalog with five apps."""

    def match_hosts(self, hosts: pl.Series) -> pl.DataFrame:
        """Match only the domains of custom apps."""
        own = {domain: app.app_id for app in self._overlay.custom for domain in app.domains}
        found = pl.Series([own.get(host) for host in hosts], dtype=pl.Int64)
        none = pl.Series([None] * len(hosts), dtype=pl.String)
        return pl.DataFrame({"host": hosts, "app_id": found, "domain": hosts, "instance": none})

    def with_overlay(self, overlay: Overlay) -> Catalog:
        """Add a tenant's own apps and corrections."""
        return SmallCatalog(self._files, overlay)


class SmallCasb(Casb):
    """An installation with the small catalog and a manual clock."""

    now = NOW

    @cached_property
    def catalog(self) -> Catalog:
        """The small catalog."""
        return SmallCatalog(cast("CatalogFiles", SmallFiles()))


@dataclass(frozen=True)
class Known:
    """Ids and credentials of the installation."""

    tenant_id: int
    global_view: str
    proxy: str
    firewall: str
    tokens: dict[Role, str]
    other_token: str

    @property
    def stranger(self) -> str:
        """The credentials of an administrator of another tenant."""
        return f"Token {self.other_token}"


def open_copy(template: Path, folder: Path, **settings: Any) -> SmallCasb:
    """Open a copy of the installation at ``template``."""
    shutil.copytree(template, folder)
    return opened(folder, **settings)


def opened(folder: Path, **settings: Any) -> SmallCasb:
    """Open the installation in ``folder``; throttling is off by default."""
    values = {"requests_per_minute": 0, **settings}
    casb = SmallCasb(Settings(data=folder, **values))
    casb.clock = lambda: casb.now
    return casb


def make(folder: Path) -> Known:
    """Create an installation with two tenants in ``folder``; the first has usage in two data sources."""
    casb = opened(folder)
    casb.now = NOW - 1000
    folder.mkdir(parents=True, exist_ok=True)
    create_schema(casb.database)
    tenant, other = casb.tenants.create("Contoso"), casb.tenants.create("Fabrikam")
    proxy = casb.streams.create(tenant.tenant_id, "proxy", StreamType.INPUT, source="SQUID_NATIVE", has_users=True)
    listener: dict[str, Any] = {"receiver": "syslog-tls", "port": 6514}
    firewall = casb.streams.create(tenant.tenant_id, "firewall", StreamType.INPUT, source="PALO_ALTO", **listener)
    global_view = casb.streams.global_view(tenant.tenant_id)
    _fill(casb, tenant.tenant_id, proxy.stream_id, firewall.stream_id)
    tokens = {role: _token(casb, tenant.tenant_id, role, [firewall.stream_id]) for role in Role}
    bearer(casb, tenant.tenant_id)  # creates the signing keys, once for all copies
    known = Known(
        tenant_id=tenant.tenant_id,
        global_view=global_view.stream_id,
        proxy=proxy.stream_id,
        firewall=firewall.stream_id,
        tokens=tokens,
        other_token=_token(casb, other.tenant_id, Role.GLOBAL_ADMINISTRATOR, []),
    )
    casb.close()
    return known


def bearer(casb: Casb, tenant_id: int, *permissions: str) -> str:
    """Return a bearer token of a new application with ``permissions``."""
    tenant = casb.tenants.get(tenant_id)
    assert tenant is not None
    granted = [parse_permission(name) for name in permissions]
    application = casb.identity.applications.create(tenant_id, "script", granted)
    target = Resources().target(MDCA.app_id)
    return casb.identity.tokens.for_application(tenant, application, target).access_token


def _token(casb: Casb, tenant_id: int, role: Role, streams: list[str]) -> str:
    limited = streams if role is Role.CLOUD_DISCOVERY_REPORT_ADMIN else None
    user = casb.users.create(tenant_id, f"{role.slug}@contoso.example", role, stream_ids=limited)
    return casb.identity.credentials.new_api_token(tenant_id, user.user_id, role.slug).value


def _fill(casb: Casb, tenant_id: int, proxy: str, firewall: str) -> None:
    """Write usage: today on both sources, and 40 days ago on the proxy."""
    today = datetime.fromtimestamp(NOW / 1000, UTC).date()
    casb.unlisted_apps.ids(tenant_id, ["shadow.example"])
    rows = [
        _row(tenant_id, today, proxy, BOX, "Ana", "10.0.0.1", 5, 100),
        _row(tenant_id, today, proxy, BOX, "ben", "10.0.0.2", 5, 200),
        _row(tenant_id, today, proxy, DROPBOX, "ben", "10.0.0.2", 7, 1000),
        _row(tenant_id, today, proxy, UNLISTED, "cid", "10.0.0.3", 1, 50),
        _row(tenant_id, today - timedelta(days=40), proxy, OKTA, "Ana", "10.0.0.1", 2, 10),
        _row(tenant_id, today, firewall, TEAMS, "dan", "10.0.0.4", 3, 300),
    ]
    people = [("user", name) for name in ("Ana", "ben", "cid", "dan")]
    hosts = [("ip", f"10.0.0.{number}") for number in range(1, 5)]
    named = names_frame((kind, name_id(kind, name), name) for kind, name in (*people, *hosts))
    casb.lake.append(tenant_id, usage_frame(rows), named, "test")


def _row(
    tenant_id: int, day: date, stream: str, app_id: int, user: str, address: str, count: int, size: int
) -> tuple[object, ...]:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    identity = (name_id("user", user), name_id("ip", address), None, None)
    return (
        tenant_id,
        day,
        stream_key(stream),
        app_id,
        *identity,
        count,
        1,
        size,
        size,
        2 * size,
        start,
        start + app_id % 97,
    )
