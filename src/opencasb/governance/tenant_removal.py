"""Remove a tenant with everything it has: rows, usage, files.

An interrupted removal, by a kill or a full disk, can be repeated: the tenant itself goes last.
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
"""Tables needed for removing the records, and for repeating an interrupted removal."""


def remove_tenant(
    tenant: Tenant,
    database: Database,
    records: Sequence[Records],
    lake: Lake,
    *,
    now: int,
    by: str,
    told: Callable[[str], None],
) -> None:
    """Remove a tenant at ``now`` (ms); ``told`` is called with each step before it begins.

    Users, applications and data sources go first, so that nobody can sign in and no more data arrives. ``records``, the
    kinds of which a tenant may have many, are deleted some at a time, because others write meanwhile. The
    files of uploads go with the regular upload clean-up, within an hour.
    """
    from opencasb.lake.maintenance import forget_tenant

    tables = {table.name for each in records for table in (each.kind.table, each.kind.values)}
    told("people, applications, data sources, settings")
    delete_rows_but(database, tenant.tenant_id, {*tables, *_NEEDED})
    for each in records:
        told(each.kind.name.replace("_", " "))
        each.clear(tenant.tenant_id)
    told("usage")
    forget_tenant(lake, tenant.tenant_id)
    delete_every_row(database, tenant.tenant_id, tenant.name, now=now, by=by)
    forget_tenant(lake, tenant.tenant_id)  # a log in progress may have been counted in between
