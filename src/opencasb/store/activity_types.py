"""The activity categories that a tenant has, for autocompletion (api §15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from opencasb.filters.clauses import clause
from opencasb.filters.tree import EVERYTHING
from opencasb.store.activities import ACTIVITIES

if TYPE_CHECKING:
    from opencasb.filters.tree import Node
    from opencasb.store.database import Database

LOOKED_AT: Final = 10_000
"""Newest activities examined: an autocomplete answer cannot read them all."""


def activity_types(
    database: Database, tenant_id: int, app_id: int | None = None, within: Node = EVERYTHING
) -> list[tuple[int, str]]:
    """Return app id and category of the newest activities ``within`` a scope, or only those of one app.

    A suite includes its apps, as in the filter ``service``. Each pair comes once, in order.
    """
    columns = ACTIVITIES.table.c
    own = clause(within, ACTIVITIES.columns)
    newest = sa.select(columns.app_id, columns.event_type).where(columns.tenant_id == tenant_id, own)
    if app_id is not None:
        newest = newest.where(sa.or_(columns.app_id == app_id, columns.saas_id == app_id))
    seen = newest.order_by(columns.timestamp.desc(), columns.record_id.desc()).limit(LOOKED_AT).subquery()
    query = sa.select(seen.c.app_id, seen.c.event_type).where(seen.c.event_type.is_not(None)).distinct()
    with database.read() as connection:
        return sorted((number, category) for number, category in connection.execute(query))
