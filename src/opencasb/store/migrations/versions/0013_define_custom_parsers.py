"""Keep parsers that tenants define and the shape of their sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _custom_parsers()


def _custom_parsers() -> None:
    """Keep every version of a parser, and which parser a data source uses."""
    op.create_table(
        "custom_parsers",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "name", "version"),
    )
    op.add_column("streams", sa.Column("parser", sa.Text(), nullable=True))
    op.execute("UPDATE streams SET parser = ''")
    with op.batch_alter_table("streams", schema=None) as batch_op:
        batch_op.alter_column("parser", existing_type=sa.Text(), nullable=False)
