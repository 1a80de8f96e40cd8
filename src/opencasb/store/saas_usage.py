"""Results of SaaS management: app usage by stream and merged, and changes from run to run (saas §2, §3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from opencasb.model.saas import AppRow, Change, Integration
from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of


def _columns() -> list[sa.Column[Any]]:
    """Return the columns of an app other than its id."""
    return [
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("domains", sa.JSON, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("risk_score", sa.Integer),
        sa.Column("last_seen", sa.BigInteger),
        sa.Column("first_seen", sa.BigInteger),
        sa.Column("user_count", sa.BigInteger, nullable=False),
        sa.Column("ip_address_count", sa.BigInteger, nullable=False),
        sa.Column("device_count", sa.BigInteger),
        sa.Column("transaction_count", sa.BigInteger, nullable=False),
        sa.Column("upload_bytes", sa.BigInteger, nullable=False),
        sa.Column("download_bytes", sa.BigInteger, nullable=False),
    ]


saas_stream_apps = sa.Table(
    "saas_stream_apps",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("integration", sa.String(64), primary_key=True),
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.String(128), primary_key=True),
    sa.Column("app_id", sa.String(128), primary_key=True),
    *_columns(),
)
saas_apps = sa.Table(
    "saas_apps",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("integration", sa.String(64), primary_key=True),
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.String(128), primary_key=True),
    *_columns(),
    sa.Column("streams", sa.Integer, nullable=False),
)
saas_changes = sa.Table(
    "saas_changes",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("integration", sa.String(64), primary_key=True),
    sa.Column("run", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.String(128), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("field", sa.String(32), primary_key=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("before", sa.BigInteger),
    sa.Column("after", sa.BigInteger),
)


class SaasUsage(Repository):
    """The usage from the last finished run of each integration, and the changes of all runs."""

    def of_stream(self, integration: Integration, run: int, stream_id: str) -> list[AppRow]:
        """Return the rows of a stream as read by a run, sorted by id."""
        table = saas_stream_apps
        where = (*of_integration(table, integration), table.c.run == run, table.c.stream_id == stream_id)
        rows = self._all(sa.select(*fields_of(table, AppRow)).where(*where), AppRow)
        return sorted(rows, key=lambda row: (len(row.app_id), row.app_id))

    def merged(self, integration: Integration) -> dict[str, AppRow]:
        """Return the merged rows of the current result, by app id."""
        table = saas_apps
        query = sa.select(*fields_of(table, AppRow)).where(*of_integration(table, integration))
        return {row.app_id: row for row in self._all(query, AppRow)}

    def page(
        self, integration: Integration, *, limit: int, skip: int = 0, stream_id: str | None = None
    ) -> tuple[int, list[dict[str, Any]]]:  # columns
        """Return the number of apps now shown (of one stream or merged) and a page of them, most users first."""
        table = saas_apps if stream_id is None else saas_stream_apps
        where = [*of_integration(table, integration), table.c.run == integration.current_run]
        if stream_id is not None:
            where.append(table.c.stream_id == stream_id)
        order = (table.c.user_count.desc(), table.c.upload_bytes.desc(), table.c.app_id)
        with self._database.read() as connection:
            total = connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0
            rows = connection.execute(sa.select(table).where(*where).order_by(*order).offset(skip).limit(limit))
            return total, [dict(row) for row in rows.mappings()]

    def changes(
        self, integration: Integration, *, run: int | None = None, kinds: Sequence[str] = (), limit: int = 1000
    ) -> list[tuple[int, Change]]:
        """Return the latest changes, each with its run number; only those of ``run`` and ``kinds``, if given."""
        table, where = saas_changes, [*of_integration(saas_changes, integration)]
        if run is not None:
            where.append(table.c.run == run)
        if kinds:
            where.append(table.c.kind.in_(kinds))
        order = (table.c.run.desc(), table.c.kind, table.c.app_id, table.c.field)
        with self._database.read() as connection:
            rows = connection.execute(sa.select(table).where(*where).order_by(*order).limit(limit)).mappings()
            return [(row["run"], Change(**{name: row[name] for name in Change.__struct_fields__})) for row in rows]


def of_integration(table: sa.Table, integration: Integration) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition that selects the rows of an integration."""
    return table.c.tenant_id == integration.tenant_id, table.c.integration == integration.name
