"""Remember which addresses need not be public: those set on the command line, as all that exist count."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    for table in ("saas_integrations", "external_sign_ins", "trusted_issuers"):
        op.add_column(table, sa.Column("anywhere", sa.Boolean(), nullable=False, server_default=sa.true()))
