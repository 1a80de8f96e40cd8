"""The visitor's own account: password, second factor and open sessions."""

from __future__ import annotations

from typing import Final

from opencasb.identity.passwords import LONGEST, SHORTEST
from opencasb.identity.refusals import InvalidValue
from opencasb.model.user import User
from opencasb.portal.exchange import signed_out
from opencasb.portal.once import shown_once
from opencasb.portal.page import Page
from opencasb.portal.pages.named import id_in
from opencasb.portal.routes import Action, Confirmation, View
from opencasb.portal.visit import NotFound, Visit


def show(visit: Visit) -> Page:
    """Show the account and its open sessions."""
    identity = visit.casb.identity
    return visit.render(
        "account.html.j2",
        sessions=identity.sessions.all(visit.user),
        keys=identity.second_factors.keys.of(visit.user),
        second_factor=identity.second_factors.has_app(visit.user),
        this_session=visit.session.session_id,
        shortest=SHORTEST,
        longest=LONGEST,
    )


def change_password(visit: Visit) -> Page:
    """Replace the password, which ends all of the visitor's sessions, this one too."""
    present, new = visit.form.raw("present_password"), visit.form.raw("new_password")
    if new != visit.form.raw("repeated_password"):
        raise InvalidValue("repeated_password", "The two new passwords differ.")
    visit.casb.identity.own_account.change_password(visit.user, present, new, visit.address)
    return signed_out("/portal/account")


def second_factor(visit: Visit) -> Page:
    """Show how to add or remove the second factor."""
    factors = visit.casb.identity.second_factors
    return visit.render(
        "second_factor_own.html.j2",
        area="account",
        otpauth=visit.once.get("otpauth", ""),
        counts=factors.has_app(visit.user),
        begun=factors.is_begun(visit.user),
    )


def begin_second_factor(visit: Visit) -> Page:
    """Create a secret for the visitor's authenticator app, shown only once."""
    account, present = visit.casb.identity.own_account, visit.form.raw("present_password")
    otpauth = account.begin_second_factor(visit.user, present, visit.address)
    return shown_once(visit, "account/second-factor", otpauth=otpauth)


def confirm_second_factor(visit: Visit) -> str:
    """Activate the second factor."""
    visit.casb.identity.own_account.confirm_second_factor(visit.user, visit.form.line("code"))
    return "account?done=saved"


def remove_second_factor(visit: Visit) -> str:
    """Remove the second factor, so that the password alone is enough again."""
    present, code = visit.form.raw("present_password"), visit.form.line("code")
    visit.casb.identity.own_account.remove_second_factor(visit.user, present, code, visit.address)
    return "account?done=removed"


def end_session(visit: Visit) -> str:
    """Sign out of one browser."""
    if not visit.casb.identity.sessions.end(visit.user, id_in(visit, "session_id")):
        raise NotFound
    return "account?done=removed"


def sign_out_everywhere(visit: Visit) -> Page:
    """Sign out of every browser and every application."""
    visit.casb.users.sign_out(visit.tenant_id, visit.user.user_id, by=visit.user.upn)
    return signed_out("/portal/")


def has_account(user: User) -> bool:
    """Return whether the user's account is managed here: a guest's is in their home tenant."""
    return user.active and not user.is_guest


EVERYWHERE: Final = Confirmation(
    "Sign out everywhere?",
    "All of your sessions end, including this one, and all tokens that applications obtained for you stop working.",
    "Sign out everywhere",
    lambda visit: visit.user.upn,
)

VIEWS: Final = (View("account", has_account, show), View("account/second-factor", has_account, second_factor))
ACTIONS: Final = (
    Action("account/password", has_account, change_password, show),
    Action("account/second-factor", has_account, begin_second_factor, second_factor),
    Action("account/second-factor/confirm", has_account, confirm_second_factor, second_factor),
    Action("account/second-factor/remove", has_account, remove_second_factor, second_factor),
    Action("account/sessions/<session_id>/end", has_account, end_session, show),
    Action("account/sign-out-everywhere", has_account, sign_out_everywhere, show, EVERYWHERE),
)
