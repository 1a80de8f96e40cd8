"""The rows of catalog corrections, and the queries for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.correction import OPEN, Correction, Kind, State, Statement
from opencasb.model.id_forms import is_object_id
from opencasb.store.database import metadata
from opencasb.store.repository import fields_of

catalog_corrections = sa.Table(
    "catalog_corrections",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("correction_id", sa.String(24), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("app_id", sa.Integer),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("remark", sa.Text, nullable=False),
    sa.Column("attested_by", sa.Text, nullable=False),
    sa.Column("attested_on", sa.String(10), nullable=False),
    sa.Column("expires", sa.String(10)),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided", sa.BigInteger),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("ix_catalog_corrections_state", "tenant_id", "state", "kind"),
    sa.Index("ix_catalog_corrections_app", "tenant_id", "app_id"),
)
ORDER: Final = (catalog_corrections.c.created, catalog_corrections.c.correction_id)
IS_OPEN: Final = catalog_corrections.c.state.in_([state.value for state in OPEN])


def chosen(states: Iterable[State], kind: Kind | None, app_id: int | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for corrections by state, kind and app, where given."""
    where: list[sa.ColumnElement[bool]] = []
    if wanted := [state.value for state in states]:
        where.append(catalog_corrections.c.state.in_(wanted))
    if kind is not None:
        where.append(catalog_corrections.c.kind == kind.value)
    if app_id is not None:
        where.append(catalog_corrections.c.app_id == app_id)
    return where


def in_slot(said: Statement) -> Sequence[sa.ColumnElement[bool]]:
    """Return the conditions for corrections in the same slot as a statement."""
    kind, app_id, key = said.slot
    table = catalog_corrections.c
    return table.kind == kind, table.key == key, *([] if app_id is None else [table.app_id == app_id])


def count_open(connection: sa.Connection, tenant_id: int) -> int:
    """Return how many of a tenant's corrections are pending or in effect."""
    of_tenant = catalog_corrections.c.tenant_id == tenant_id
    query = sa.select(sa.func.count()).select_from(catalog_corrections)
    return connection.scalar(query.where(of_tenant, IS_OPEN)) or 0


def found_by(
    connection: sa.Connection, tenant_id: int, *where: sa.ColumnElement[bool], limit: int | None = None
) -> list[Correction]:
    """Return a tenant's corrections that meet the conditions, oldest first."""
    query = sa.select(*fields_of(catalog_corrections, Correction))
    query = query.where(catalog_corrections.c.tenant_id == tenant_id, *where)
    rows = connection.execute(query.order_by(*ORDER).limit(limit))
    return [_correction(row) for row in rows.mappings()]


def one(connection: sa.Connection, tenant_id: int, correction_id: str) -> Correction | None:
    """Return one correction, or None."""
    if not is_object_id(correction_id):
        return None
    found = found_by(connection, tenant_id, catalog_corrections.c.correction_id == correction_id)
    return found[0] if found else None


def _correction(row: sa.RowMapping) -> Correction:
    return Correction(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})


def columns_of(tenant_id: int, said: Correction) -> dict[str, Any]:  # column values of any type
    """Return the row of a correction."""
    fields = msgspec.structs.asdict(said)
    return {**fields, "tenant_id": tenant_id, "kind": said.kind.value, "state": said.state.value}
