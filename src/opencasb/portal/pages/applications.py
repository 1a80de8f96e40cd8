"""The tenant's applications, and the form to register one."""

from __future__ import annotations

from typing import Final

from opencasb.identity.administrators import may_administer
from opencasb.portal.page import Page
from opencasb.portal.routes import Action, View
from opencasb.portal.visit import Visit


def show(visit: Visit) -> Page:
    """List the applications, oldest first."""
    return visit.render("applications.html.j2", applications=visit.casb.identity.applications.all(visit.tenant_id))


def new(visit: Visit) -> Page:
    """Show the form for a new application."""
    return visit.render("application_new.html.j2", area="applications")


def register(visit: Visit) -> str:
    """Register an application; it has no secret and no permission yet."""
    made = visit.casb.identity.applications.create(
        visit.tenant_id,
        visit.form.line("name", required=True),
        multitenant=visit.form.ticked("multitenant"),
        public_client=visit.form.ticked("public_client"),
        assignment_required=visit.form.ticked("assignment_required"),
        by=visit.user.upn,
    )
    return f"applications/{made.client_id}?done=created"


VIEWS: Final = (View("applications", may_administer, show), View("applications/new", may_administer, new))
ACTIONS: Final = (Action("applications", may_administer, register, new),)
