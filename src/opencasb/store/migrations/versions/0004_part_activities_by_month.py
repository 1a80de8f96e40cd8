"""Partition activities by month, on PostgreSQL only.

Rows are not moved: their table becomes the partition of everything before the next month (by the database's clock),
which is dropped when its newest row expires. Later months get their own partitions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEYS = {
    "activities": ("timestamp", "tenant_id, record_id, timestamp"),
    "activities_values": ("at", "tenant_id, field, value, at, seq"),
}
NEXT_MONTH = "SELECT (extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') * 1000)"
INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = to_regclass(:name) AND NOT i.indisprimary ORDER BY c.relname
"""


def upgrade() -> None:
    """Create partitioned tables, with the existing tables as partitions."""
    if op.get_bind().dialect.name != "postgresql":
        return
    end = int(op.get_bind().execute(sa.text(NEXT_MONTH)).scalar_one())
    for name, (time, key) in KEYS.items():
        _part(op.get_bind(), name, time, key)
        _keep(op.get_bind(), name, time, key, end)


def _part(connection: sa.Connection, name: str, time: str, key: str) -> None:
    """Rename the table and create a partitioned one with the same columns and indexes."""
    indexes = connection.execute(sa.text(INDEXES), {"name": name}).all()
    aside = (f"ALTER INDEX {index} RENAME TO {name}_before_{index.removeprefix('ix_')}" for index, _ in indexes)
    _run(
        connection,
        f"ALTER TABLE {name} RENAME TO {name}_before",
        f"ALTER TABLE {name}_before RENAME CONSTRAINT pk_{name} TO {name}_before_pkey",
        *aside,
        f"CREATE TABLE {name} (LIKE {name}_before INCLUDING DEFAULTS) PARTITION BY RANGE ({time})",
        f"ALTER TABLE {name} ADD CONSTRAINT pk_{name} PRIMARY KEY ({key})",
        *(definition for _, definition in indexes),
        f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT",
    )


def _keep(connection: sa.Connection, name: str, time: str, key: str, end: int) -> None:
    """Attach the renamed table as a partition; its rows from ``end`` on do not belong to it."""
    before = f"{name}_before"
    if not connection.execute(sa.text(f"SELECT EXISTS (SELECT FROM {before})")).scalar_one():  # noqa: S608 -- our names
        _run(connection, f"DROP TABLE {before}")
        return
    _run(
        connection,
        f"INSERT INTO {name}_default SELECT * FROM {before} WHERE {time} >= {end}",  # noqa: S608
        f"DELETE FROM {before} WHERE {time} >= {end}",  # noqa: S608
        f"ALTER TABLE {before} DROP CONSTRAINT {before}_pkey, ADD CONSTRAINT {before}_pkey PRIMARY KEY ({key})",
        f"ALTER TABLE {name} ATTACH PARTITION {before} FOR VALUES FROM (MINVALUE) TO ({end})",
    )


def _run(connection: sa.Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(sa.text(statement))
