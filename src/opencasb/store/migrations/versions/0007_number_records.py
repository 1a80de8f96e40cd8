"""Separate record numbers from change numbers.

So far a record's number was that of its last change; from now on it is permanent, and the last change has its own.
Activities never change, so theirs serves as both.
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
    """Add a column with the number of the last change to the tables of mutable records."""
    for name in CHANGING:
        op.add_column(name, sa.Column("changed", sa.BigInteger(), nullable=True))
        op.execute(f"UPDATE {name} SET changed = seq")  # noqa: S608 -- names of our own
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.alter_column("changed", existing_type=sa.BigInteger(), nullable=False)
            batch_op.create_index(f"ix_{name}_changed", ["tenant_id", "changed"], unique=False)
