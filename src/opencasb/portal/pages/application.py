"""One application: its properties, whether it may sign in, and its redirect addresses."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from opencasb.identity.administrators import may_administer, may_consent_for_others
from opencasb.identity.application_record import full_record
from opencasb.identity.credentials import DAYS, MOST_DAYS
from opencasb.identity.refusals import about
from opencasb.identity.registrations import KINDS
from opencasb.model.application import Application
from opencasb.model.durations import DAY
from opencasb.model.permissions import RESOURCES
from opencasb.portal.page import Page
from opencasb.portal.pages.named import application_of, name_of_application
from opencasb.portal.routes import Action, Confirmation, View
from opencasb.portal.visit import NotFound, Visit

PATH: Final = "applications/<client_id>"
SOON: Final = 30 * DAY
"""How long (ms) before its expiry a secret or certificate is marked (identity §10.4)."""
LATELY: Final = 30 * DAY
"""How long (ms) a change of permissions is shown; by then, earlier integrations have been authorised again."""


def show(visit: Visit) -> Page:
    """Show everything that the tenant may see of an application."""
    application = application_of(visit)
    users = visit.casb.users.all(visit.tenant_id)
    record = full_record(visit.casb.identity, application)
    requested = {(each["resource"], each["kind"], each["name"]) for each in record["requested"]}
    offered = {(key, kind, name) for key, each in RESOURCES.items() for kind in _KINDS for name in each.offered(kind)}
    return visit.render(
        "application.html.j2",
        area="applications",
        secret=visit.once,
        application=application,
        record=record,
        requested=requested,
        granted=_granted(application, record),
        ending=_ending(record, visit.casb.clock() + SOON),
        permissions=sorted(requested | offered),
        resources=RESOURCES,
        users={each.user_id: each.upn for each in users},
        kinds=KINDS,
        usual_days=DAYS,
        most_days=MOST_DAYS,
        may_consent=may_consent_for_others(visit.user),
        now=visit.casb.clock(),
        soon=visit.casb.clock() + SOON,
        lately=visit.casb.clock() - LATELY,
    )


def change(visit: Visit) -> str:
    """Change the name and switches; what belongs to another home tenant stays as it is."""
    found = application_of(visit)
    name = visit.form.line("name", required=True) if found.at_home else None
    with about("name"):
        visit.casb.identity.applications.change(
            found.tenant_id,
            found.client_id,
            name=name,
            multitenant=visit.form.ticked("multitenant") if found.at_home else None,
            public_client=visit.form.ticked("public_client") if found.at_home else None,
            assignment_required=visit.form.ticked("assignment_required"),
            by=visit.user.upn,
        )
    return f"applications/{found.client_id}?done=saved"


def set_enabled(visit: Visit, *, enabled: bool) -> str:
    """Enable or disable an application's sign-in."""
    found = application_of(visit)
    visit.casb.identity.applications.set_enabled(found.tenant_id, found.client_id, enabled=enabled, by=visit.user.upn)
    return f"applications/{found.client_id}?done=saved"


def delete(visit: Visit) -> str:
    """Delete an application with everything that belongs to it."""
    found = application_of(visit)
    visit.casb.identity.applications.delete(found.tenant_id, found.client_id, by=visit.user.upn)
    return "applications?done=deleted"


def add_redirect(visit: Visit) -> str:
    """Register an address that sign-ins may return to."""
    found = application_of(visit)
    with about("redirect"):
        kind, uri = visit.form.line("redirect_kind"), visit.form.line("redirect", required=True)
        visit.casb.identity.registrations.add_redirect(found, kind, uri, by=visit.user.upn)
    return f"applications/{found.client_id}?done=saved"


def remove_redirect(visit: Visit) -> str:
    """Remove a redirect address."""
    found = application_of(visit)
    with about("redirect"):
        uri = visit.form.line("uri")
        if not visit.casb.identity.registrations.remove_redirect(found, uri, by=visit.user.upn):
            raise NotFound
    return f"applications/{found.client_id}?done=removed"


def called(credential: dict[str, Any]) -> str:  # JSON
    """Return what people know a secret or certificate by: its description, else its thumbprint or hint."""
    return str(credential["description"] or credential.get("sha1") or f"{credential['hint']}…")


def _granted(application: Application, record: dict[str, Any]) -> set[tuple[str, str, str]]:  # JSON
    """Return the permissions that anybody granted, as (resource, kind, name)."""
    own = {(each.resource, "application", each.name) for each in application.permissions}
    return own | {(each["resource"], "delegated", each["name"]) for each in record["delegated"]}


def _ending(record: dict[str, Any], until: int) -> list[tuple[str, str, dict[str, Any]]]:  # JSON
    """Return the credentials that expire by ``until`` (ms) or have expired: kind, displayed name and record."""
    secrets = [("secret", called(each), each) for each in record["secrets"]]
    certificates = [("certificate", called(each), each) for each in record["certificates"]]
    return [found for found in (*secrets, *certificates) if found[2]["expires"] <= until]


DISABLE: Final = Confirmation(
    "Disable the application?",
    "It can no longer sign in, and its tokens stop working immediately. You can enable it again.",
    "Disable",
    name_of_application,
)
DELETE: Final = Confirmation(
    "Delete the application?",
    "This deletes its secrets, certificates, redirects and permissions, and its tokens stop working immediately, also "
    "in other organizations that use it. This cannot be undone.",
    "Delete",
    name_of_application,
)
_KINDS: Final = ("application", "delegated")

VIEWS: Final = (View(PATH, may_administer, show),)
ACTIONS: Final = (
    Action(f"{PATH}/change", may_administer, change, show),
    Action(f"{PATH}/disable", may_administer, partial(set_enabled, enabled=False), show, DISABLE),
    Action(f"{PATH}/enable", may_administer, partial(set_enabled, enabled=True), show),
    Action(f"{PATH}/delete", may_administer, delete, show, DELETE),
    Action(f"{PATH}/redirects", may_administer, add_redirect, show),
    Action(f"{PATH}/redirects/remove", may_administer, remove_redirect, show),
)
