"""Count how often a server ended while processing an upload, separately from failed attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and clear the lease owner of uploads that wait for another attempt."""
    op.add_column("uploads", sa.Column("interruptions", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE uploads SET lease_owner = '' WHERE state = 'queued'")
