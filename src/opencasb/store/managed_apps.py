"""Managed applications: the list that each tenant imported last."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from opencasb.model.managed_app import ManagedApp
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository, fields_of

managed_apps = sa.Table(
    "managed_apps",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("app_id", sa.BigInteger),
    sa.Column("domains", sa.JSON, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("yearly_cost", sa.Text, nullable=False),
)

_FIELDS = fields_of(managed_apps, ManagedApp)


class ManagedApps(TimedRepository):
    """The list of each tenant."""

    def all(self, tenant_id: int) -> list[ManagedApp]:
        """Return the list in order; empty if none was imported."""
        query = sa.select(*_FIELDS).where(managed_apps.c.tenant_id == tenant_id).order_by(managed_apps.c.position)
        with self._database.read() as connection:
            return [
                ManagedApp(**{**row, "domains": tuple(row["domains"])}) for row in connection.execute(query).mappings()
            ]

    def replace(self, tenant_id: int, apps: Sequence[ManagedApp], *, by: str = "system") -> None:
        """Replace the whole list with ``apps``."""
        rows = [
            {"tenant_id": tenant_id, "position": position, **msgspec.structs.asdict(app), "domains": list(app.domains)}
            for position, app in enumerate(apps)
        ]
        with self._database.write() as connection:
            connection.execute(sa.delete(managed_apps).where(managed_apps.c.tenant_id == tenant_id))
            if rows:
                connection.execute(sa.insert(managed_apps), rows)
            self._audit(connection, tenant_id, "managed_apps.replace", by=by, apps=len(rows))
