"""An application's requested permissions, its consent, and its assigned users (identity §9)."""

from __future__ import annotations

from typing import Final

from opencasb.identity.administrators import may_administer, may_consent_for_others
from opencasb.identity.refusals import InvalidValue, about
from opencasb.model.permissions import parse_permission
from opencasb.model.registration import RequestedPermission
from opencasb.portal.pages.application import PATH, show
from opencasb.portal.pages.named import application_of, id_in, name_of_application
from opencasb.portal.routes import Action, Confirmation
from opencasb.portal.visit import NotFound, Visit


def request(visit: Visit) -> str:
    """Set the permissions that an application requests to those ticked."""
    found = application_of(visit)
    with about("permissions"):
        wanted = [_named(text) for text in visit.form.all("permissions")]
        visit.casb.identity.registrations.set_requested(found, wanted, by=visit.user.upn)
    return f"applications/{found.client_id}?done=saved"


def grant(visit: Visit) -> str:
    """Grant an application everything it requests, on behalf of the whole organization."""
    found, identity = application_of(visit), visit.casb.identity
    identity.consent_flow.agree_for_tenant(found, visit.user, identity.registrations.requested(found))
    return f"applications/{found.client_id}?done=granted"


def revoke(visit: Visit) -> str:
    """Revoke everything that was granted."""
    found = application_of(visit)
    visit.casb.identity.consents.revoke(found.tenant_id, found.client_id, by=visit.user.upn)
    return f"applications/{found.client_id}?done=revoked"


def revoke_of_user(visit: Visit) -> str:
    """Revoke what one user granted."""
    found, user_id = application_of(visit), id_in(visit, "user_id")
    if not visit.casb.identity.consents.revoke(found.tenant_id, found.client_id, user_id, by=visit.user.upn):
        raise NotFound
    return f"applications/{found.client_id}?done=revoked"


def assign(visit: Visit) -> str:
    """Assign a user to an application that requires assignment."""
    found, name = application_of(visit), visit.form.line("assigned", required=True)
    user = visit.casb.users.by_upn(visit.tenant_id, name)
    if user is None:
        raise InvalidValue("assigned", f"There is no user {name!r} here.")
    visit.casb.identity.consents.grants.assign(found.tenant_id, found.client_id, user.user_id, by=visit.user.upn)
    return f"applications/{found.client_id}?done=saved"


def unassign(visit: Visit) -> str:
    """Remove a user's assignment."""
    found, user_id = application_of(visit), id_in(visit, "user_id")
    if not visit.casb.identity.consents.grants.unassign(found.tenant_id, found.client_id, user_id, by=visit.user.upn):
        raise NotFound
    return f"applications/{found.client_id}?done=removed"


def _asked_for(visit: Visit) -> str:
    """Return the application and everything that it would be granted."""
    found = application_of(visit)
    wanted = visit.casb.identity.registrations.requested(found)
    words = {"application": "to itself", "delegated": "for everybody"}
    names = [f"{each.name} {words[each.kind]}" for each in sorted(wanted)]
    return f"{found.name}: {', '.join(names) or 'nothing'}"


def _granting(visit: Visit) -> str:
    """Return the application and the user who granted it something."""
    found, user_id = application_of(visit), id_in(visit, "user_id")
    user = visit.casb.users.get(visit.tenant_id, user_id)
    return f"{found.name}: {user_id if user is None else user.upn}"


def _named(text: str) -> RequestedPermission:
    """Return the permission that a tick box stands for: ``<kind> <resource>/<name>``."""
    kind, _, name = text[:400].partition(" ")
    for known in ("application", "delegated"):
        if kind == known:
            permission = parse_permission(name, known)
            return RequestedPermission(permission.resource, known, permission.name)
    raise ValueError(f"{text[:400]!r} is not a permission")


GRANT: Final = Confirmation(
    "Grant consent for the organization?",
    "The application gets every permission it asks for, on behalf of everybody, starting with its next token.",
    "Grant consent",
    _asked_for,
)
REVOKE: Final = Confirmation(
    "Revoke consent?",
    "This revokes everything that anybody in the organization granted to the application. Tokens based on it stop "
    "working immediately.",
    "Revoke",
    name_of_application,
)
REVOKE_OF_USER: Final = Confirmation(
    "Revoke this user's consent?",
    "Tokens based on it stop working immediately. Consent for everybody stays in place.",
    "Revoke",
    _granting,
)

ACTIONS: Final = (
    Action(f"{PATH}/permissions", may_administer, request, show),
    Action(f"{PATH}/consent", may_consent_for_others, grant, show, GRANT),
    Action(f"{PATH}/consent/revoke", may_consent_for_others, revoke, show, REVOKE),
    Action(f"{PATH}/consent/<user_id>/revoke", may_consent_for_others, revoke_of_user, show, REVOKE_OF_USER),
    Action(f"{PATH}/assignments", may_administer, assign, show),
    Action(f"{PATH}/assignments/<user_id>/remove", may_administer, unassign, show),
)
