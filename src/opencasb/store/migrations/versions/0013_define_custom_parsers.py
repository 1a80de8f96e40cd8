"""Create the tables of custom parsers and of the line shapes of data sources."""

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
    _source_shapes()


def _custom_parsers() -> None:
    """Create the table of parser versions, and record which parser a data source uses."""
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


def _source_shapes() -> None:
    """Create the tables of each data source's normal line shapes, and of warnings that they changed."""
    op.create_table(
        "source_shapes",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=False),
        sa.Column("known", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", name=op.f("pk_source_shapes")),
    )
    op.create_table(
        "source_warnings",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("warning_id", sa.String(length=24), nullable=False),
        sa.Column("stream_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("raised", sa.BigInteger(), nullable=False),
        sa.Column("resolved", sa.BigInteger(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "warning_id", name=op.f("pk_source_warnings")),
    )
    with op.batch_alter_table("source_warnings", schema=None) as batch_op:
        batch_op.create_index("ix_source_warnings_stream", ["tenant_id", "stream_id", "raised"], unique=False)
