"""The list of managed applications, compared with actual usage (docs/report-feeds.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.routes import Route
from opencasb.reporting import files, managed_list, managed_view
from opencasb.reporting.reader import Reader
from opencasb.reporting.schema import PERIODS

if TYPE_CHECKING:
    from opencasb.app import Casb

LONGEST: Final = 250_000
"""Maximum length of a list, in characters; import longer ones with ``opencasb managed-apps import``."""

FORMS: Final = ("json", "csv")


def list_apps(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the list in its own order."""
    return {
        "managed_apps": [
            {
                "name": app.name,
                "app_id": app.app_id,
                "domains": list(app.domains),
                "owner": app.owner,
                "yearly_cost": app.yearly_cost,
            }
            for app in casb.managed_apps.all(call.tenant_id)
        ]
    }


def replace(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Replace the list by the applications of a CSV text; report lines that cannot be used."""
    text = call.parameters.value("csv")
    if not isinstance(text, str) or not text.strip():
        raise BadRequest("csv: the list as CSV text is needed")
    if len(text) > LONGEST:
        raise BadRequest(f"csv: at most {LONGEST} characters are allowed")
    try:
        found = managed_list.read(text.encode("utf-8", "replace"))
    except managed_list.Unreadable as error:
        raise BadRequest(f"csv: {error}") from None
    casb.managed_apps.replace(call.tenant_id, found.apps, by=call.principal.name)
    refused = [{"line": each.line, "reason": each.reason} for each in found.refused]
    return {"imported": len(found.apps), "refused": refused}


def view(casb: Casb, call: Call) -> dict[str, Any] | Reply:  # JSON
    """Return managed, unmanaged and unused applications and the overlap; with ``form=csv`` the former as a file."""
    period = call.parameters.choice("period", tuple(PERIODS), "P90D")
    form = call.parameters.choice("form", FORMS, "json")
    managed = casb.managed_apps.all(call.tenant_id)
    found = managed_view.view(casb.report_tables, casb.reports, Reader(call.tenant_id), managed, period)
    if form == "csv":
        content = b"".join(files.csv(managed_view.VIEW, [found.apps]))
        named = {"Content-Disposition": 'attachment; filename="managed-apps.csv"'}
        return Reply(content, files.MEDIA_TYPES["csv"], headers=named)
    return {"period": period, "apps": found.apps.to_dicts(), "overlap": found.overlap.to_dicts()}


ROUTES: Final = (
    Route("managed-apps", None, {"GET": list_apps, "POST": replace}),
    Route("managed-apps/view", None, {"GET": view}),
)
