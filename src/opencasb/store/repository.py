"""Base classes of the repositories; each repository keeps one kind of object for all tenants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from opencasb.store.audit_log import record
from opencasb.store.database import Database

Kept = TypeVar("Kept")


class Repository:
    """Base of repositories that read and write a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _all(self, query: sa.Select[Any], kind: Callable[..., Kept]) -> list[Kept]:
        """Run a query and build a ``kind`` from each row, with the columns as keyword arguments."""
        with self._database.read() as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]

    def _one(self, query: sa.Select[Any], kind: Callable[..., Kept]) -> Kept | None:
        """Return the query's one row as a ``kind``, built as :meth:`_all` does, or None if there is no row."""
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else kind(**row)

    def _write(self, statement: sa.UpdateBase) -> int:
        """Execute a statement in its own transaction; returns the number of rows that it wrote or deleted."""
        with self._database.write() as connection:
            return connection.execute(statement).rowcount


class TimedRepository(Repository):
    """A repository that also records times; ``clock`` returns the time in ms since the epoch UTC."""

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
        """Write an audit log entry with the current time, as part of the transaction of ``connection``."""
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
        """Execute a statement and audit it if it affected a row; returns whether it did."""
        with self._database.write() as connection:
            found = connection.execute(statement).rowcount > 0
            if found:
                self._audit(connection, tenant_id, action, by=by, target=target, **details)
        return found


def fields_of(table: sa.Table, kind: type[msgspec.Struct]) -> list[sa.Column[Any]]:
    """Return the columns of a table that are fields of ``kind``, in the order of the fields."""
    return [table.c[name] for name in kind.__struct_fields__]
