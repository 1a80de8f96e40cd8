"""Number records apart from their changes.

Until now the number of a record was that of its last change; from now on it stays, and the last change has its own.
Activities never change: their number is both.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHANGING = ("alerts", "entities", "files", "ip_ranges", "policies", "user_groups")


def upgrade() -> None:
    """Give each record that can change the number of its last change in a column of its own."""
    for name in CHANGING:
        op.add_column(name, sa.Column("changed", sa.BigInteger(), nullable=True))
        op.execute(f"UPDATE {name} SET changed = seq")  # noqa: S608 -- names of our own
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.alter_column("changed", existing_type=sa.BigInteger(), nullable=False)
            batch_op.create_index(f"ix_{name}_changed", ["tenant_id", "changed"], unique=False)
