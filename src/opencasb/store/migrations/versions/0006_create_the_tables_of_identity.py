"""Create the identity tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _applications()
    _registrations()
    _tenants()
    _users()
    _tokens()
    _device_codes()
    _sessions()
    _lockouts()
    _second_factors()
    _trusted_issuers()
    _external_sign_ins()


def _applications() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("home_tenant_id", sa.Integer(), nullable=True))
        for name in ("multitenant", "public_client", "assignment_required"):
            batch_op.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("ix_applications_client_id", ["client_id"], unique=False)
    op.execute("UPDATE applications SET home_tenant_id = tenant_id")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.alter_column("home_tenant_id", existing_type=sa.Integer(), nullable=False)
        for name in ("multitenant", "public_client", "assignment_required"):
            batch_op.alter_column(name, existing_type=sa.Boolean(), server_default=None)


def _registrations() -> None:
    op.create_table(
        "application_redirects",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("uri", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "uri", name=op.f("pk_application_redirects")),
    )
    op.create_table(
        "application_certificates",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("sha1", sa.String(length=27), nullable=False),
        sa.Column("sha256", sa.String(length=43), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "key_id", name=op.f("pk_application_certificates")),
        sa.UniqueConstraint(
            "tenant_id", "client_id", "sha256", name=op.f("uq_application_certificates_tenant_id_client_id_sha256")
        ),
    )
    op.create_table(
        "requested_permissions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "client_id", "resource", "kind", "name", name=op.f("pk_requested_permissions")
        ),
    )
    op.execute(  # permissions granted so far had also been requested
        "INSERT INTO requested_permissions (tenant_id, client_id, resource, kind, name)"
        " SELECT tenant_id, client_id, resource, 'application', permission FROM application_permissions"
    )
    op.create_table(
        "delegated_grants",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("resource", sa.String(length=16), nullable=False),
        sa.Column("permission", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "client_id", "user_id", "resource", "permission", name=op.f("pk_delegated_grants")
        ),
    )
    op.create_table(
        "application_assignments",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "user_id", name=op.f("pk_application_assignments")),
    )


def _tenants() -> None:
    op.add_column("tenants", sa.Column("password_grant", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tenants", sa.Column("api_tokens", sa.Boolean(), nullable=False, server_default=sa.true()))


def _users() -> None:
    op.add_column("users", sa.Column("scope", sa.JSON(none_as_null=True), nullable=True))


def _tokens() -> None:
    op.create_table(
        "revocations",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "subject", name=op.f("pk_revocations")),
    )
    op.create_table(
        "authorization_codes",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("family_id", sa.String(length=24), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("redirect_kind", sa.String(length=16), nullable=False),
        *_asked(),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("challenge", sa.Text(), nullable=False),
        sa.Column("challenge_method", sa.String(length=8), nullable=False),
        *_signed_in(),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("redeemed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_authorization_codes")),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("family_id", sa.String(length=24), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        *_asked(),
        *_signed_in(),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("replaced", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_refresh_tokens")),
    )
    op.create_index("ix_refresh_tokens_expires", "refresh_tokens", ["expires"], unique=False)


def _device_codes() -> None:
    op.create_table(
        "device_codes",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_code", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        *_asked(),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("user_tenant_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("signed_in", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_device_codes")),
        sa.UniqueConstraint("user_code", name=op.f("uq_device_codes_user_code")),
    )
    op.create_table(
        "used_assertions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "digest", name=op.f("pk_used_assertions")),
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("signed_in", sa.BigInteger(), nullable=False),
        sa.Column("last_used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["tenant_id", "user_id"], unique=False)
    op.create_index("ix_sessions_last_used", "sessions", ["last_used"], unique=False)


def _lockouts() -> None:
    op.create_table(
        "failed_sign_ins",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_password", sa.String(length=64), nullable=False),
        sa.Column("last_failure", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "subject", name=op.f("pk_failed_sign_ins")),
    )
    op.create_table(
        "familiar_addresses",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("last_used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "account", "address", name=op.f("pk_familiar_addresses")),
    )


def _trusted_issuers() -> None:
    op.create_table(
        "trusted_issuers",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=36), nullable=False),
        sa.Column("authority", sa.String(length=255), nullable=False),
        sa.Column("audiences", sa.JSON(), nullable=False),
        sa.Column("graph_audiences", sa.JSON(), nullable=False),
        sa.Column("directory_roles", sa.Boolean(), nullable=False),
        sa.Column("vendor_audience", sa.Boolean(), nullable=False),
        sa.Column("role_mapping", sa.JSON(), nullable=False),
        sa.Column("pinned_keys", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "issuer", name=op.f("pk_trusted_issuers")),
        sa.UniqueConstraint("issuer", name=op.f("uq_trusted_issuers_issuer")),
    )


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_second_factors")),
    )


def _external_sign_ins() -> None:
    op.create_table(
        "external_sign_ins",
        sa.Column("tenant_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("name_claim", sa.String(length=32), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_external_sign_ins")),
    )


def _asked() -> list[sa.Column[Any]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
    ]


def _signed_in() -> list[sa.Column[Any]]:
    return [
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("signed_in", sa.BigInteger(), nullable=False),
    ]
