"""Custom apps: our own interface, as upstream has none (portal §2.6).

``POST`` with ``fromAppId`` promotes an unlisted app: its domain, tags and score override move to the new custom app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.discovered_apps import app_object_id
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.routes import Route
from opencasb.model.app import UNCLASSIFIED, App, CustomApp

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"appid": "appId", "name": "name"}, default="appId", ascending=True)


def list_custom(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a page of the tenant's custom apps."""
    return short_list(casb, call, [_record(app) for app in casb.custom_apps.all(call.tenant_id)], SORTING)


def create_custom(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Define a custom app, from scratch or from an unlisted app, and return its record."""
    given, by = call.parameters, call.principal.name
    origin = _origin(casb, call)
    name = given.text("name") or (origin.name if origin else None)
    if name is None:
        raise BadRequest("name: this parameter is required")
    domains = given.texts("domains") or (list(origin.domains) if origin else [])
    with explained():
        made = casb.custom_apps.create(
            call.tenant_id,
            name,
            domains=domains,
            networks=given.texts("ipAddresses"),
            category=given.text("category") or UNCLASSIFIED,
            score=given.integer("score"),
            vendor=given.text("vendor"),
            notes=given.text("notes") or "",
            by=by,
        )
    if origin is not None:
        casb.promotion.carry(call.tenant_id, origin.app_id, made, by=by)
    return _record(made)


def delete_custom(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Delete a custom app."""
    or_not_found(casb.custom_apps.delete(call.tenant_id, call.app_id, by=call.principal.name))
    return {}


def _origin(casb: Casb, call: Call) -> App | None:
    app_id = call.parameters.integer("fromAppId")
    if app_id is None:
        return None
    app = casb.reports.app(call.tenant_id, app_id)
    if app is None or app.listed:
        raise BadRequest(f"fromAppId: {app_id} is not an app outside the catalog")
    return app


def _record(app: CustomApp) -> dict[str, Any]:  # JSON
    return {
        "_id": app_object_id(app.app_id),
        "appId": app.app_id,
        "name": app.name,
        "category": app.category,
        "domains": app.domains,
        "ipAddresses": app.networks,
        "score": app.score,
        "vendor": app.vendor,
        "notes": app.notes,
    }


ROUTES: Final = (
    Route("discovery/custom_apps", "discovery.view", {"GET": list_custom}),
    Route("discovery/custom_apps", "discovery.change", {"POST": create_custom}),
    Route("discovery/custom_apps/<app_id>", "discovery.change", {"DELETE": delete_custom}),
)
