"""What repositories begin with: each keeps things of one sort, of every tenant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from opencasb.store.audit_log import record
from opencasb.store.database import Database

Kept = TypeVar("Kept")


class Repository:
    """Reads and writes a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _all(self, query: sa.Select[Any], kind: Callable[..., Kept]) -> list[Kept]:
        """Return what the rows of a query are: each is made of its columns, by their names."""
        with self._database.read() as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]

    def _one(self, query: sa.Select[Any], kind: Callable[..., Kept]) -> Kept | None:
        """Return what the one row of a query is, as :meth:`_all` does; None if there is no row."""
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else kind(**row)

    def _write(self, statement: sa.UpdateBase) -> int:
        """Execute a statement in a transaction of its own; returns the number of rows that it wrote or deleted."""
        with self._database.write() as connection:
            return connection.execute(statement).rowcount


class TimedRepository(Repository):
    """Notes when things happen, too; ``clock`` tells the time in ms since the epoch UTC."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database)
        self._clock = clock

    def _audit(
        self,
        connection: sa.Connection,
        tenant_id: int,
        action: str,
        *,
        by: str,
        target: str = "",
        **details: object,
    ) -> None:
        """Write an entry of the audit log, of this moment, as part of the transaction of ``connection``."""
        record(connection, tenant_id, self._clock(), action, by=by, target=target, **details)

    def _write_audited(
        self,
        statement: sa.UpdateBase,
        tenant_id: int,
        action: str,
        *,
        by: str,
        target: str = "",
        **details: object,
    ) -> bool:
        """Execute a statement with its entry of the audit log; tells whether it concerned a row, else there is none."""
        with self._database.write() as connection:
            found = connection.execute(statement).rowcount > 0
            if found:
                self._audit(connection, tenant_id, action, by=by, target=target, **details)
        return found


def fields_of(table: sa.Table, kind: type[msgspec.Struct]) -> list[sa.Column[Any]]:
    """Return the columns of a table that are fields of ``kind``, in the order of the fields."""
    return [table.c[name] for name in kind.__struct_fields__]
