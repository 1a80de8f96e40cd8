"""Create the table of catalog corrections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and give custom apps a vendor."""
    op.add_column("custom_apps", sa.Column("vendor", sa.Text(), nullable=True))
    op.create_table(
        "catalog_corrections",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("correction_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("app_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("attested_by", sa.Text(), nullable=False),
        sa.Column("attested_on", sa.String(length=10), nullable=False),
        sa.Column("expires", sa.String(length=10), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "correction_id", name=op.f("pk_catalog_corrections")),
    )
    with op.batch_alter_table("catalog_corrections", schema=None) as batch_op:
        batch_op.create_index("ix_catalog_corrections_state", ["tenant_id", "state", "kind"], unique=False)
        batch_op.create_index("ix_catalog_corrections_app", ["tenant_id", "app_id"], unique=False)
