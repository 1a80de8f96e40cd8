"""Removing a tenant with everything it has: rows, usage, files.

Whoever is stopped on the way, by a kill or a full disk, can do it again: the tenant itself goes last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from opencasb.store.tenant_rows import delete_every_row, delete_rows_but

if TYPE_CHECKING:
    from opencasb.lake.usage import Lake
    from opencasb.model.tenant import Tenant
    from opencasb.store.database import Database
    from opencasb.store.records import Records

_NEEDED: Final = ("tenants", "record_sequences")
"""Tables that the removal of records asks, and whoever has to do it again."""

_ALL_TIME: Final = 2**63 - 1


def remove_tenant(
    tenant: Tenant,
    database: Database,
    records: Sequence[Records],
    lake: Lake,
    *,
    now: int,
    by: str,
    told: Callable[[str], None] = lambda _: None,
) -> None:
    """Remove a tenant at ``now`` (ms); ``told`` is told each step before it begins.

    People, applications and data sources go first, so that nobody signs in and nothing arrives any more. ``records``,
    those that grow old and so may be many, go some thousand at a time, as others write meanwhile. The files of uploads
    go with what uploads leave behind, within an hour.
    """
    from opencasb.lake.maintenance import forget_tenant

    tables = {table.name for each in records for table in (each.kind.table, each.kind.values)}
    told("people, applications, data sources, settings")
    delete_rows_but(database, tenant.tenant_id, {*tables, *_NEEDED})
    for each in records:
        told(each.kind.name.replace("_", " "))
        each.expire(tenant.tenant_id, _ALL_TIME)
    told("usage")
    forget_tenant(lake, tenant.tenant_id)
    delete_every_row(database, tenant.tenant_id, tenant.name, now=now, by=by)
    forget_tenant(lake, tenant.tenant_id)  # a log that was in work may have been counted in between
