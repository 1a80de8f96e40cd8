"""Create the tables of deletions, for the change feed, and of tenants' own domains."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "deletions",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("resource", TEXT, nullable=False),
        sa.Column("record_id", TEXT, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "resource", "record_id", name=op.f("pk_deletions")),
    )
    with op.batch_alter_table("deletions", schema=None) as batch_op:
        batch_op.create_index("ix_deletions_seq", ["tenant_id", "resource", "seq"], unique=False)

    op.create_table(
        "own_domains",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "domain", name=op.f("pk_own_domains")),
    )
