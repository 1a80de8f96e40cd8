"""Change numbers: one gap-free sequence for each tenant and resource, in commit order.

A transaction that writes records locks the row of their sequence until it commits, so the second of two writers gets
its numbers after the first is done; a reader never meets a number below one that it has seen.
"""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.insert import insert_into

record_sequences = sa.Table(
    "record_sequences",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("resource", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)


def lock(connection: sa.Connection, tenant_id: int, resource: str) -> None:
    """Make other writers of the resource wait until this transaction ends.

    Not needed on SQLite, where a write transaction is exclusive from its start.
    """
    if connection.dialect.name != "sqlite":
        take(connection, tenant_id, resource, 0)


def take(connection: sa.Connection, tenant_id: int, resource: str, count: int) -> int:
    """Return the first of the next ``count`` numbers, which start at 1."""
    given = {"tenant_id": tenant_id, "resource": resource, "last": count}
    last: int = connection.execute(_take(connection.dialect.name), given).scalar_one()
    return last - count + 1


@cache
def _take(dialect: str) -> sa.Executable:
    """Return the statement that takes ``last`` numbers, built once: building it costs more than running it."""
    taken = insert_into(dialect, record_sequences)
    statement: sa.Executable = taken.on_conflict_do_update(
        index_elements=[record_sequences.c.tenant_id, record_sequences.c.resource],
        set_={"last": record_sequences.c.last + taken.excluded.last},
    ).returning(record_sequences.c.last)
    return statement


def newest(connection: sa.Connection, tenant_id: int, resource: str) -> int:
    """Return the number of the last change, 0 before the first."""
    return connection.scalar(_newest(), {"tenant": tenant_id, "name": resource}) or 0


@cache
def _newest() -> sa.Select[int]:
    table = record_sequences
    where = (table.c.tenant_id == sa.bindparam("tenant"), table.c.resource == sa.bindparam("name"))
    return sa.select(table.c.last).where(*where)
