"""The audit log: every administrative change and every token issued or refused (identity §12).

A repository that changes something calls :func:`record` in its own transaction, so that the change and its entry are
committed together or not at all. Entries name things; they never hold a secret, a password or a token.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.store.database import Database, metadata, new_id

SERVER: Final = 0
"""The tenant number of entries that concern the whole server, such as its signing keys."""

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("entry_id", sa.String(24), primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Index("ix_audit_log_time", "tenant_id", "time", "entry_id"),
)


_TENANTS: Final = sa.table("tenants", sa.column("tenant_id", sa.Integer))
"""The table of :mod:`opencasb.store.tenants`, which imports this module and so cannot be imported here."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: who (``actor``) did what (``action``) to what (``target``), when (ms since the epoch UTC)."""

    tenant_id: int
    entry_id: str
    time: int
    actor: str
    action: str
    target: str
    details: dict[str, Any]  # any JSON

    def record(self) -> dict[str, Any]:  # JSON
        """Return the entry as commands and the administration API show it."""
        shown = {name: getattr(self, name) for name in ("time", "actor", "action", "target", "details")}
        return {"id": self.entry_id, **shown}


def record(
    connection: sa.Connection,
    tenant_id: int,
    time: int,
    action: str,
    *,
    by: str,
    target: str = "",
    **details: object,
) -> None:
    """Write one entry as part of the transaction of ``connection``; details that are None are omitted."""
    kept = {name: value for name, value in details.items() if value is not None}
    entry = {"entry_id": new_id(), "time": time, "actor": by, "action": action, "target": target, "details": kept}
    connection.execute(sa.insert(audit_log).values(tenant_id=tenant_id, **entry))


class AuditLog:
    """The entries of each tenant and of the server (:data:`SERVER`).

    The sole tenant of a server sees the server's entries among its own, because its administrators may rotate keys.
    """

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def add(self, tenant_id: int, action: str, *, by: str, target: str = "", **details: object) -> None:
        """Write one entry in its own transaction."""
        with self._database.write() as connection:
            record(connection, tenant_id, self._clock(), action, by=by, target=target, **details)

    def latest(self, tenant_id: int, limit: int = 100) -> list[AuditEntry]:
        """Return the latest entries, newest first."""
        with self._database.read() as connection:
            return _entries(connection, _seen_by(connection, tenant_id), limit)

    def older(self, tenant_id: int, entry_id: str, limit: int = 100) -> list[AuditEntry] | None:
        """Return the entries older than the given one, newest first; None if there is no such entry."""
        with self._database.read() as connection:
            seen = _seen_by(connection, tenant_id)
            known = (audit_log.c.tenant_id.in_(seen), audit_log.c.entry_id == entry_id)
            time = connection.scalar(sa.select(audit_log.c.time).where(*known))
            if time is None:
                return None
            place = sa.tuple_(sa.literal(time, sa.BigInteger), sa.literal(entry_id))
            return _entries(connection, seen, limit, sa.tuple_(audit_log.c.time, audit_log.c.entry_id) < place)


def _seen_by(connection: sa.Connection, tenant_id: int) -> list[int]:
    """Return the tenant numbers whose entries a tenant sees."""
    found = list(connection.scalars(sa.select(_TENANTS.c.tenant_id).limit(2)))
    return [tenant_id, SERVER] if found == [tenant_id] else [tenant_id]


def _entries(
    connection: sa.Connection, tenant_ids: Sequence[int], limit: int, *where: sa.ColumnElement[bool]
) -> list[AuditEntry]:
    found: list[AuditEntry] = []
    for tenant_id in tenant_ids:  # one query each: the index has no order across tenants
        query = sa.select(audit_log).where(audit_log.c.tenant_id == tenant_id, *where)
        query = query.order_by(audit_log.c.time.desc(), audit_log.c.entry_id.desc()).limit(limit)
        found += [AuditEntry(**row) for row in connection.execute(query).mappings()]
    return sorted(found, key=lambda entry: (entry.time, entry.entry_id), reverse=True)[:limit]
