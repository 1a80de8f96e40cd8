"""Create the tables of receiver bindings, counters and objects already read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "receiver_bindings",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("host_name", sa.Text(), nullable=False),
        sa.Column("app_name", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("public_keys", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", name=op.f("pk_receiver_bindings")),
        sa.UniqueConstraint("login", name=op.f("uq_receiver_bindings_login")),
    )
    op.create_table(
        "receiver_counters",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("drops", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", name=op.f("pk_receiver_counters")),
    )
    op.create_table(
        "taken_objects",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=False),
        sa.Column("path", sa.String(length=1024), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", "path", name=op.f("pk_taken_objects")),
    )
