"""Allow guest users from other tenants, and store security keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the home account of guests, and create the table of security keys."""
    op.add_column("users", sa.Column("home_tenant_id", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("home_user_id", sa.String(36), nullable=True))
    op.add_column("users", sa.Column("password_expired", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tenants", sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_users_home_tenant_id_home_user_id", "users", ["home_tenant_id", "home_user_id"])
    op.create_table(
        "security_keys",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("last_used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "credential_id", name=op.f("pk_security_keys")),
    )
    op.create_index("ix_security_keys_user_id", "security_keys", ["tenant_id", "user_id"])
