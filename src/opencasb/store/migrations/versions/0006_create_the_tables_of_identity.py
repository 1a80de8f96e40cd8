"""Create the tables of identity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of identity."""
    _applications()
    _registrations()


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
    op.execute(  # what was granted so far had been asked for
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
