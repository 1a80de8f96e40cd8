"""Report credentials: keys for reporting tools, valid only for the report feeds (docs/report-feeds.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.identity.report_access import DAYS

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_credentials(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return every report credential of the tenant, the oldest first."""
    found = casb.identity.report_credentials.all(call.tenant_id)
    return {"report_credentials": [each.record(casb.clock()) for each in found]}


def create(casb: Casb, call: Call) -> Reply:
    """Create a report credential and return its secret, which is shown only once."""
    days = call.parameters.integer("days")
    with explained("report credential"):
        new = casb.identity.report_access.create(
            call.tenant_id,
            call.parameters.required_text("name", longest=256),
            days=DAYS if days is None else days,
            user_data=call.parameters.flag("user_data"),
            by=call.principal.name,
        )
    return made({**new.credential.record(casb.clock()), "secret": new.secret})


def revoke(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Revoke a report credential, immediately and permanently."""
    credential_id = call.segment("credential_id")
    or_not_found(casb.identity.report_credentials.revoke(call.tenant_id, credential_id, by=call.principal.name))
    return {}


ROUTES: Final = (
    Route("report-credentials", None, {"GET": list_credentials, "POST": create}),
    Route("report-credentials/<credential_id>", None, {"DELETE": revoke}),
)
