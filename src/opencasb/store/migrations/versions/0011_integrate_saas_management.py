"""Create the tables of the SaaS-management integration."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of integrations, runs and usage."""
    _integrations()
    _runs()
    _usage()


def _integrations() -> None:
    op.create_table(
        "saas_integrations",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("directory_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("graph_url", sa.Text(), nullable=False),
        sa.Column("ca", sa.Text(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_message", sa.Text(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=True),
        sa.Column("authorized", sa.BigInteger(), nullable=True),
        sa.Column("asked", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("last_run", sa.Integer(), nullable=False),
        sa.Column("current_run", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_saas_integrations")),
    )


def _runs() -> None:
    op.create_table(
        "saas_runs",
        *_integration(),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("resume_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "integration", "number", name=op.f("pk_saas_runs")),
    )
    op.create_table(
        "saas_run_streams",
        *_integration(),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("stream_id", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("next_link", sa.Text(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("skipped_rows", sa.Integer(), nullable=False),
        sa.Column("odd_values", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "integration", "run", "stream_id", name=op.f("pk_saas_run_streams")),
    )


def _usage() -> None:
    op.create_table(
        "saas_stream_apps",
        *_integration(),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("stream_id", sa.String(length=128), nullable=False),
        sa.Column("app_id", sa.String(length=128), nullable=False),
        *_app(),
        sa.PrimaryKeyConstraint(
            "tenant_id", "integration", "run", "stream_id", "app_id", name=op.f("pk_saas_stream_apps")
        ),
    )
    op.create_table(
        "saas_apps",
        *_integration(),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(length=128), nullable=False),
        *_app(),
        sa.Column("streams", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "integration", "run", "app_id", name=op.f("pk_saas_apps")),
    )
    op.create_table(
        "saas_changes",
        *_integration(),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=True),
        sa.Column("after", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "integration", "run", "app_id", "kind", "field", name=op.f("pk_saas_changes")
        ),
    )


def _integration() -> list[sa.Column[Any]]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("integration", sa.String(length=64), nullable=False),
    ]


def _app() -> list[sa.Column[Any]]:
    return [
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("domains", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("risk_score", sa.Integer(), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("first_seen", sa.BigInteger(), nullable=True),
        sa.Column("user_count", sa.BigInteger(), nullable=False),
        sa.Column("ip_address_count", sa.BigInteger(), nullable=False),
        sa.Column("device_count", sa.BigInteger(), nullable=True),
        sa.Column("transaction_count", sa.BigInteger(), nullable=False),
        sa.Column("upload_bytes", sa.BigInteger(), nullable=False),
        sa.Column("download_bytes", sa.BigInteger(), nullable=False),
    ]
