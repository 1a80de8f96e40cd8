"""Let users of other tenants in as guests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say of a guest who it is at home."""
    op.add_column("users", sa.Column("home_tenant_id", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("home_user_id", sa.String(36), nullable=True))
    op.create_index("ix_users_home_tenant_id_home_user_id", "users", ["home_tenant_id", "home_user_id"])
