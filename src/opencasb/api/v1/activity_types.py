"""The activity types that occur in a tenant, for autocompletion (api §15)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities.connected_apps import by_number
from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.record_list import own
from opencasb.api.v1.routes import Route
from opencasb.store.activity_types import activity_types

if TYPE_CHECKING:
    from opencasb.app import Casb

SERVICE: Final = re.compile(r"\s*+(?:eq\()?\s*+(?:i:)?(\d{1,18})\s*+,?\s*+\)?\s*+")
"""``eq(i:11161,)``, as a portal client writes it, or the bare number."""


def complete(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the categories of the caller's activities by app, for one ``service``, that contain ``search``."""
    search = (call.parameters.text("search") or "").lower().replace(" ", "_")
    found = activity_types(casb.database, call.tenant_id, _service(call), own(casb, call, casb.activities))
    names = {app_id: _app_name(casb, call.tenant_id, app_id) for app_id in {app_id for app_id, _ in found}}
    items = [
        {"category": category, "appId": app_id, "service_name": names[app_id]}
        for app_id, category in found
        if search in category.lower()
    ]
    return {"records": [{"items": items}]}


def _service(call: Call) -> int | None:
    given = call.parameters.text("service")
    if given is None:
        return None
    matched = SERVICE.fullmatch(given)
    if matched is None:
        raise BadRequest(f"service: {given!r} is not valid; an app number is expected, such as eq(i:11161,)")
    return int(matched[1])


def _app_name(casb: Casb, tenant_id: int, app_id: int) -> str:
    """Return the app name that activities carry, else the catalog's, else the number."""
    app = by_number(app_id) or casb.reports.app(tenant_id, app_id)
    return str(app_id) if app is None else app.name


ROUTES: Final = (Route("autocomplete/activity-types", "activities.view", {"GET": complete, "POST": complete}),)
