"""Count how often a server ended while it had an upload in work, apart from attempts that failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and say of uploads that wait for another attempt that nobody works on them."""
    op.add_column("uploads", sa.Column("interruptions", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE uploads SET lease_owner = '' WHERE state = 'queued'")
