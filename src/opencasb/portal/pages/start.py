"""The start page, tenant switching and sign-out."""

from __future__ import annotations

from typing import Final

from opencasb.portal.exchange import SIGN_OUT, signed_out
from opencasb.portal.page import TENANT_COOKIE, Page, see_other, set_cookie
from opencasb.portal.routes import Action, View
from opencasb.portal.visit import NotFound, Visit


def show(visit: Visit) -> Page:
    """Show the tenant that the visitor is signed in to, and the others they may switch to."""
    tenants = [tenant for tenant, _ in visit.casb.identity.guests.tenants_of(visit.home)]
    return visit.render(
        "start.html.j2",
        tenant=visit.casb.tenants.get(visit.tenant_id),
        tenants=tenants,
        address=visit.casb.settings.effective_public_url,
    )


def switch(visit: Visit) -> Page:
    """Switch to another organization that admits the visitor."""
    tenants = {tenant.guid for tenant, _ in visit.casb.identity.guests.tenants_of(visit.home)}
    if visit.path["tenant"] not in tenants:
        raise NotFound
    return see_other("/portal/", **{"set-cookie": set_cookie(TENANT_COOKIE, visit.path["tenant"])})


def sign_out(visit: Visit) -> Page:
    """End the session of this browser."""
    visit.casb.identity.sessions.close(visit.cookie)
    return signed_out("/portal/")


VIEWS: Final = (View("", lambda user: user.active, show),)
ACTIONS: Final = (
    Action(SIGN_OUT, lambda user: user.active, sign_out, show),
    Action("tenants/<tenant>", lambda user: user.active, switch, show),
)
