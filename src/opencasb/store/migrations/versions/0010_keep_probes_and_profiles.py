"""Create the tables of probe measurements and of traces of unlisted apps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _keep_traces_of_unlisted_apps()
    _keep_probes()


def _keep_traces_of_unlisted_apps() -> None:
    op.create_table(
        "unlisted_traces",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "domain", "kind", "value", name=op.f("pk_unlisted_traces")),
    )
    with op.batch_alter_table("unlisted_traces", schema=None) as batch_op:
        batch_op.create_index("ix_unlisted_traces_last_seen", ["tenant_id", "last_seen"], unique=False)


def _keep_probes() -> None:
    op.create_table(
        "catalog_probes",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("app_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.Column("certificate_expires", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "app_id", name=op.f("pk_catalog_probes")),
    )
