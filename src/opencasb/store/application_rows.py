"""The rows of applications, the permissions granted to them and their secrets (identity §1, §10.4).

A row is the service principal of an application in one tenant. In a foreign tenant it takes its name and flags from its
home row, is disabled along with it, and counts only while the application is multitenant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from opencasb.model.application import Application
from opencasb.model.permissions import Permission
from opencasb.store.database import metadata

applications = sa.Table(
    "applications",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("service_principal_id", sa.String(36), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("disabled", sa.BigInteger),
    sa.Column("home_tenant_id", sa.Integer, nullable=False),
    sa.Column("multitenant", sa.Boolean, nullable=False),
    sa.Column("public_client", sa.Boolean, nullable=False),
    sa.Column("assignment_required", sa.Boolean, nullable=False),
    sa.Column("permissions_changed", sa.BigInteger),
    sa.Index("ix_applications_client_id", "client_id"),
)
application_permissions = sa.Table(
    "application_permissions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("resource", sa.String(16), primary_key=True),
    sa.Column("permission", sa.String(120), primary_key=True),
)
application_secrets = sa.Table(
    "application_secrets",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("key_id", sa.String(36), primary_key=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
_home = applications.alias("home")
_FROM = applications.join(
    _home,
    sa.and_(
        _home.c.tenant_id == applications.c.home_tenant_id,
        _home.c.client_id == applications.c.client_id,
        sa.or_(_home.c.tenant_id == applications.c.tenant_id, _home.c.multitenant),
    ),
)
_DISABLED = sa.func.coalesce(applications.c.disabled, _home.c.disabled)
_OWN = (
    "tenant_id",
    "client_id",
    "service_principal_id",
    "created",
    "home_tenant_id",
    "assignment_required",
    "permissions_changed",
)
_OF_HOME = ("name", "multitenant", "public_client")
_COLUMNS = (
    *(applications.c[name] for name in _OWN),
    *(_home.c[name] for name in _OF_HOME),
    _DISABLED.label("disabled"),
)
# Built once, because every API call runs it: building takes three times as long as running it.
ENABLED_NAME = (
    sa.select(_home.c.name)
    .select_from(_FROM)
    .where(
        applications.c.tenant_id == sa.bindparam("tenant_id"),
        applications.c.client_id == sa.bindparam("client_id"),
        applications.c.disabled.is_(None),
        _home.c.disabled.is_(None),
    )
)


def found_by(connection: sa.Connection, tenant_id: int, *where: sa.ColumnElement[bool]) -> list[Application]:
    """Return a tenant's applications that meet the conditions, with their permissions, oldest first."""
    query = sa.select(*_COLUMNS).select_from(_FROM).where(applications.c.tenant_id == tenant_id, *where)
    rows = connection.execute(query.order_by(applications.c.created, applications.c.client_id)).mappings().all()
    grants = sa.select(application_permissions).where(application_permissions.c.tenant_id == tenant_id)
    if len(rows) == 1:
        grants = grants.where(application_permissions.c.client_id == rows[0]["client_id"])
    granted = _by_client(connection.execute(grants).mappings()) if rows else {}
    return [Application(**row, permissions=tuple(sorted(granted[row["client_id"]]))) for row in rows]


def grants_of(key: Mapping[str, object], permissions: Collection[Permission]) -> list[dict[str, Any]]:  # columns
    """Return the rows for permissions granted to an application; ``key`` has its tenant and client id."""
    return [{**key, "resource": each.resource, "permission": each.name} for each in sorted(set(permissions))]


def _by_client(grants: Iterable[sa.RowMapping]) -> dict[str, list[Permission]]:
    found: dict[str, list[Permission]] = defaultdict(list)
    for grant in grants:
        found[grant["client_id"]].append(Permission(grant["resource"], grant["permission"]))
    return found
