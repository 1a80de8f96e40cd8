"""Rename the column of pseudonym keys, which servers seal from now on: older versions would use what is sealed as a key.

The keys themselves stay as they are, since the key file is out of reach here; a server seals them when it starts.
"""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rename the column."""
    op.execute("ALTER TABLE tenants RENAME COLUMN pseudonym_key TO sealed_pseudonym_key")
