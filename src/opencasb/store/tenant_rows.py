"""Deletion of all rows of a tenant, in every table."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import sqlalchemy as sa

from opencasb.store.audit_log import SERVER, record
from opencasb.store.database import unhurried
from opencasb.store.migrate import complete_metadata

if TYPE_CHECKING:
    from opencasb.store.database import Database


def delete_rows_but(database: Database, tenant_id: int, kept: Collection[str]) -> None:
    """Delete the rows of a tenant from every table that is not in ``kept``."""
    with database.write() as connection:
        _delete(connection, tenant_id, kept)


def delete_every_row(database: Database, tenant_id: int, name: str, *, now: int, by: str) -> None:
    """Delete a tenant's remaining rows and the tenant itself, recorded in the server's audit log at ``now`` (ms)."""
    with database.write() as connection:
        _delete(connection, tenant_id, ())
        record(connection, SERVER, now, "tenant.delete", by=by, target=name)


def _delete(connection: sa.Connection, tenant_id: int, kept: Collection[str]) -> None:
    unhurried(connection)
    for table in complete_metadata().sorted_tables:
        if table.name not in kept:
            connection.execute(sa.delete(table).where(table.c.tenant_id == tenant_id))
