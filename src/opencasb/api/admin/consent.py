"""Consent to the permissions that applications request, and user assignment (identity §9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import application_of, user_of
from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import demand_global_administrator
from opencasb.api.v1.errors import BadRequest, NotFound, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.identity.application_record import full_record
from opencasb.identity.errors import OAuthError
from opencasb.model.application import Application
from opencasb.model.id_forms import is_guid

if TYPE_CHECKING:
    from opencasb.app import Casb


def grant(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Grant everything an application requests, or just its delegated permissions for the user ``user_id``.

    A multitenant application of another tenant is added to this one.
    """
    _only_who_may_consent(casb, call)
    found, user_id = _entered(casb, call), _user_id(casb, call)
    asked = casb.identity.registrations.requested(found)
    casb.identity.consents.grant(found, asked, user_id=user_id, by=call.principal.name)
    return full_record(casb.identity, found)


def revoke(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Revoke everything that was granted, or what the user ``user_id`` granted."""
    _only_who_may_consent(casb, call)
    found, user_id = application_of(casb, call), _user_id(casb, call)
    casb.identity.consents.revoke(found.tenant_id, found.client_id, user_id, by=call.principal.name)
    return full_record(casb.identity, found)


def assign(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Assign the user ``user_id`` to an application that requires assignment, so that they may sign in to it."""
    found, user_id = application_of(casb, call), _user_id(casb, call)
    if user_id is None:
        raise BadRequest("user_id: this parameter is required")
    casb.identity.consents.grants.assign(found.tenant_id, found.client_id, user_id, by=call.principal.name)
    return full_record(casb.identity, found)


def unassign(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove a user's assignment."""
    found, user = application_of(casb, call), user_of(casb, call, call.path["user_id"])
    consents, by = casb.identity.consents, call.principal.name
    or_not_found(consents.grants.unassign(found.tenant_id, found.client_id, user.user_id, by=by))
    return full_record(casb.identity, found)


def _only_who_may_consent(casb: Casb, call: Call) -> None:
    demand_global_administrator(casb, call, "consents for others")


def _user_id(casb: Casb, call: Call) -> str | None:
    given = call.parameters.text("user_id", longest=36)
    return user_of(casb, call, given).user_id if given else None


def _entered(casb: Casb, call: Call) -> Application:
    client_id, applications = call.path["client_id"].lower(), casb.identity.applications
    tenant = casb.tenants.get(call.tenant_id)
    if tenant is None or not is_guid(client_id):
        raise NotFound
    found = or_not_found(applications.get(tenant.tenant_id, client_id) or applications.home(client_id))
    try:
        return casb.identity.consents.enter(tenant, found, call.principal.name)
    except OAuthError:  # belongs to another tenant; do not reveal that
        raise NotFound from None


ROUTES: Final = (
    Route("applications/<client_id>/consent", None, {"POST": grant, "DELETE": revoke}),
    Route("applications/<client_id>/assignments", None, {"POST": assign}),
    Route("applications/<client_id>/assignments/<user_id>", None, {"DELETE": unassign}),
)
