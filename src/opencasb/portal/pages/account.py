"""One's own account: the password, and where one is signed in."""

from __future__ import annotations

from typing import Final

from opencasb.identity.passwords import LONGEST, SHORTEST
from opencasb.identity.refusals import InvalidValue
from opencasb.model.user import User
from opencasb.portal.exchange import signed_out
from opencasb.portal.page import Page
from opencasb.portal.pages.named import id_in
from opencasb.portal.routes import Action, Question, View
from opencasb.portal.visit import NotFound, Visit


def show(visit: Visit) -> Page:
    """Show the account, and the sessions that are open."""
    return visit.render(
        "account.html.j2",
        sessions=visit.casb.identity.own_account.sessions(visit.user),
        this_session=visit.session.session_id,
        shortest=SHORTEST,
        longest=LONGEST,
    )


def change_password(visit: Visit) -> Page:
    """Replace the password, after which everybody signs in anew: the visitor, too."""
    present, new = visit.form.raw("present_password"), visit.form.raw("new_password")
    if new != visit.form.raw("repeated_password"):
        raise InvalidValue("repeated_password", "The two new passwords differ.")
    visit.casb.identity.own_account.change_password(visit.user, present, new, visit.address)
    return signed_out("/portal/account")


def end_session(visit: Visit) -> str:
    """Sign out in one browser."""
    if not visit.casb.identity.own_account.end_session(visit.user, id_in(visit, "session_id")):
        raise NotFound
    return "account?done=removed"


def sign_out_everywhere(visit: Visit) -> Page:
    """Sign out in every browser and every application."""
    visit.casb.identity.own_account.sign_out_everywhere(visit.user)
    return signed_out("/portal/")


def _everybody(user: User) -> bool:
    return user.active


EVERYWHERE: Final = Question(
    "Sign out everywhere?",
    "Every session of yours ends, this one too, and every token that an application got for you stops working.",
    "Sign out everywhere",
    lambda visit: visit.user.upn,
)

VIEWS: Final = (View("account", _everybody, show),)
ACTIONS: Final = (
    Action("account/password", _everybody, change_password, show),
    Action("account/sessions/<session_id>/end", _everybody, end_session, show),
    Action("account/sign-out-everywhere", _everybody, sign_out_everywhere, show, EVERYWHERE),
)
