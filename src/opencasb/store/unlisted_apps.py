"""Unlisted apps: domains outside the catalog, each with an app id of its own per tenant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from opencasb.model.unlisted_profile import FIRST_UNLISTED
from opencasb.store.database import Database, metadata
from opencasb.store.repository import Repository
from opencasb.store.unlisted_traces import UnlistedTraces

FIRST_ID: Final = FIRST_UNLISTED

unlisted_apps = sa.Table(
    "unlisted_apps",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Index("uq_unlisted_apps_domain", "tenant_id", "domain", unique=True),
)


class UnlistedApps(Repository):
    """The unlisted apps of each tenant; an id once assigned is permanent."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.traces = UnlistedTraces(database)

    def ids(self, tenant_id: int, domains: Iterable[str]) -> dict[str, int]:
        """Return the app id of each domain, assigning new ones where needed."""
        wanted = sorted(set(domains))
        known = {domain: app_id for app_id, domain in self.all(tenant_id).items()}
        missing = [domain for domain in wanted if domain not in known]
        return {domain: known[domain] for domain in wanted if domain in known} | self._give(tenant_id, missing)

    def _give(self, tenant_id: int, domains: list[str]) -> dict[str, int]:
        if not domains:
            return {}
        with self._database.write() as connection:
            if not self._database.is_sqlite:  # SQLite's write lock is the whole database already
                connection.execute(sa.text("lock table unlisted_apps in exclusive mode"))
            query = sa.select(unlisted_apps.c.domain, unlisted_apps.c.app_id).filter_by(tenant_id=tenant_id)
            known = {row.domain: row.app_id for row in connection.execute(query)}
            first = max(known.values(), default=FIRST_ID - 1) + 1
            new = [domain for domain in domains if domain not in known]
            rows = [
                {"tenant_id": tenant_id, "app_id": first + index, "domain": domain} for index, domain in enumerate(new)
            ]
            if rows:
                connection.execute(sa.insert(unlisted_apps), rows)
        return {domain: known[domain] for domain in domains if domain in known} | {
            str(row["domain"]): int(row["app_id"]) for row in rows
        }

    def all(self, tenant_id: int) -> dict[int, str]:
        """Return app id → domain."""
        query = sa.select(unlisted_apps).where(unlisted_apps.c.tenant_id == tenant_id)
        with self._database.read() as connection:
            return {row.app_id: row.domain for row in connection.execute(query)}

    def get(self, tenant_id: int, app_id: int) -> str | None:
        """Return the domain of one unlisted app, or None."""
        query = sa.select(unlisted_apps.c.domain).filter_by(tenant_id=tenant_id, app_id=app_id)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none()
