"""The first page, and the way out."""

from __future__ import annotations

from typing import Final

from opencasb.portal.exchange import signed_out
from opencasb.portal.page import Page
from opencasb.portal.routes import Action, View
from opencasb.portal.visit import Visit


def show(visit: Visit) -> Page:
    """Show who is signed in where, and what there is for them."""
    return visit.render("start.html.j2", tenant=visit.casb.tenants.get(visit.tenant_id))


def sign_out(visit: Visit) -> Page:
    """End the session of this browser."""
    visit.casb.identity.sessions.close(visit.cookie)
    return signed_out("/portal/")


VIEWS: Final = (View("", lambda user: user.active, show),)
ACTIONS: Final = (Action("sign-out", lambda user: user.active, sign_out, show),)
