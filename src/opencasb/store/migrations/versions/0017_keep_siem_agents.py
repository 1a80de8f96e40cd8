"""Create the table ``siem_agents``: the settings of agents and the digests of their tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "siem_agents",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("alerts", sa.Boolean(), nullable=False),
        sa.Column("activities", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("alert_filters", sa.JSON(), nullable=True),
        sa.Column("activity_filters", sa.JSON(), nullable=True),
        sa.Column("user_id", sa.String(36), nullable=True),
        sa.Column("token_created", sa.BigInteger(), nullable=True),
        sa.Column("last_seen", sa.BigInteger(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "agent_id", name=op.f("pk_siem_agents")),
        sa.UniqueConstraint("digest", name=op.f("uq_siem_agents_digest")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_siem_agents_tenant_id_name")),
    )
