"""Applications and their secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import application_of, given_flag, made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.identity.application_record import full_record, short_record
from opencasb.identity.credentials import DAYS

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_applications(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return every application that the tenant knows, the oldest first."""
    return {"applications": [short_record(each) for each in casb.identity.applications.all(call.tenant_id)]}


def create(casb: Casb, call: Call) -> Reply:
    """Register an application, as yet without secrets or permissions."""
    application = casb.identity.applications.create(
        call.tenant_id,
        call.parameters.required_text("name", longest=256),
        multitenant=call.parameters.flag("multitenant"),
        public_client=call.parameters.flag("public_client"),
        assignment_required=call.parameters.flag("assignment_required"),
        by=call.principal.name,
    )
    return made(full_record(casb.identity, application))


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one application in full."""
    return full_record(casb.identity, application_of(casb, call))


def change(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Update the given fields."""
    found, by = application_of(casb, call), call.principal.name
    enabled = given_flag(call, "enabled")
    with explained("application"):
        casb.identity.applications.change(
            found.tenant_id,
            found.client_id,
            name=call.parameters.text("name", longest=256),
            multitenant=given_flag(call, "multitenant"),
            public_client=given_flag(call, "public_client"),
            assignment_required=given_flag(call, "assignment_required"),
            by=by,
        )
    if enabled is not None:
        casb.identity.applications.set_enabled(found.tenant_id, found.client_id, enabled=enabled, by=by)
    return full_record(casb.identity, found)


def delete(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Delete an application with everything it has."""
    found = application_of(casb, call)
    casb.identity.applications.delete(found.tenant_id, found.client_id, by=call.principal.name)
    return {}


def add_secret(casb: Casb, call: Call) -> Reply:
    """Create an additional secret for an application and return its value, which is shown only once."""
    found = application_of(casb, call)
    if not found.at_home:
        raise BadRequest(f"application: {found.client_id!r} is registered in another tenant, which keeps its secrets")
    days = call.parameters.integer("days")
    with explained("days"):
        secret = casb.identity.credentials.new_client_secret(
            found.tenant_id,
            found.client_id,
            description=call.parameters.text("description", longest=256) or "",
            days=DAYS if days is None else days,
            by=call.principal.name,
        )
    return made({"client_secret": secret.value, "key_id": secret.key_id, "expires": secret.expires})


def remove_secret(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Delete one secret."""
    found, key_id = application_of(casb, call), call.segment("key_id")
    applications = casb.identity.applications
    or_not_found(applications.remove_secret(found.tenant_id, found.client_id, key_id, by=call.principal.name))
    return full_record(casb.identity, found)


ROUTES: Final = (
    Route("applications", None, {"GET": list_applications, "POST": create}),
    Route("applications/<client_id>", None, {"GET": show, "PATCH": change, "DELETE": delete}),
    Route("applications/<client_id>/secrets", None, {"POST": add_secret}),
    Route("applications/<client_id>/secrets/<key_id>", None, {"DELETE": remove_secret}),
)
