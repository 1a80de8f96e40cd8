"""The rows of users: their columns, and the users in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import Role
from opencasb.model.user import User
from opencasb.store.database import metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.String(36), primary_key=True),
    sa.Column("upn", sa.Text, nullable=False),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("deprovisioned", sa.BigInteger),
    sa.Column("stream_ids", sa.JSON(none_as_null=True)),
    sa.Column("password_hash", sa.Text),
    sa.Column("scope", sa.JSON(none_as_null=True)),
    sa.Column("password_expired", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("home_tenant_id", sa.Integer),
    sa.Column("home_user_id", sa.String(36)),
    sa.UniqueConstraint("tenant_id", "upn"),
    sa.Index("ix_users_home_tenant_id_home_user_id", "home_tenant_id", "home_user_id"),
)

PUBLIC: Final = [column for column in users.c if column.name != "password_hash"]
"""The columns that :func:`user_of` needs."""


def visible_reports(role: Role, stream_ids: Collection[str] | None) -> frozenset[str] | None:
    """Return the ids of the reports that a user sees; None for all. A report admin without any sees none."""
    if stream_ids is None:
        return frozenset() if role is Role.CLOUD_DISCOVERY_REPORT_ADMIN else None
    return frozenset(stream_ids)


def role_columns(role: Role, stream_ids: Collection[str] | None, scope: RoleScope | None) -> dict[str, Any]:  # JSON
    """Return the columns for a role that sees the given reports or, within ``scope``, some records."""
    limit = visible_reports(role, stream_ids)
    return {
        "role": role.value,
        "stream_ids": None if limit is None else sorted(limit),
        "scope": None if scope is None else msgspec.to_builtins(scope),
    }


def user_of(row: sa.RowMapping | Mapping[str, Any]) -> User:  # of any column
    """Return the user in a row of :data:`PUBLIC`, whose keys are column names."""
    streams, scope = row["stream_ids"], row["scope"]
    limits = {
        "stream_ids": None if streams is None else frozenset(streams),
        "scope": None if scope is None else msgspec.convert(scope, RoleScope),
    }
    return User(**{**row, "role": Role(row["role"]), **limits})
