"""Probe measurements: the last visit to each app of a tenant."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from opencasb.model.measurement import Measurement
from opencasb.store.database import metadata
from opencasb.store.revisions import RevisedRepository

catalog_probes = sa.Table(
    "catalog_probes",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("measured", sa.BigInteger, nullable=False),
    sa.Column("certificate_expires", sa.BigInteger),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("problems", sa.JSON, nullable=False),
)


class Probes(RevisedRepository):
    """The last measurement of each app."""

    SUBJECT = "probes"

    def all(self, tenant_id: int) -> dict[int, Measurement]:
        """Return app id → its last measurement, by id."""
        query = sa.select(catalog_probes).where(catalog_probes.c.tenant_id == tenant_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(catalog_probes.c.app_id)).mappings().all()
        return {row["app_id"]: msgspec.convert(_fields(row), Measurement) for row in rows}

    def put(self, tenant_id: int, app_id: int, measured: Measurement, *, by: str = "system") -> None:
        """Store a measurement in place of the previous one; a requested one is audited."""
        row = {"tenant_id": tenant_id, "app_id": app_id, **msgspec.to_builtins(measured)}
        measured_fields = [name for name in Measurement.__struct_fields__ if name in row]
        with self._changing(tenant_id) as connection:
            self._database.upsert(connection, catalog_probes, [row], update=measured_fields)
            if by != "system":
                details = {"host": measured.host, "address": measured.address}
                self._audit(connection, tenant_id, "catalog.probe", by=by, target=str(app_id), **details)


def _fields(row: sa.RowMapping) -> dict[str, Any]:  # column values of any type
    return {name: row[name] for name in Measurement.__struct_fields__}
