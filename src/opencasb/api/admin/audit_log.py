"""The audit log of the tenant, the newest entries first (identity §12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import limit_of
from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.routes import Route

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_entries(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return entries older than the entry ``before``; ``next`` is the following ``before``, null at the end."""
    limit, before = limit_of(call), call.parameters.text("before", longest=24)
    log = casb.identity.audit_log
    found = log.older(call.tenant_id, before, limit + 1) if before else log.latest(call.tenant_id, limit + 1)
    if found is None:
        raise BadRequest(f"before: {before!r} is not the id of an entry")
    entries = [entry.record() for entry in found[:limit]]
    return {"entries": entries, "next": entries[-1]["id"] if len(found) > limit else None}


ROUTES: Final = (Route("audit-log", None, {"GET": list_entries}),)
