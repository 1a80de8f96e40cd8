"""The visitor's own security keys and passkeys."""

from __future__ import annotations

from typing import Any, Final

from opencasb.identity.refusals import InvalidValue
from opencasb.portal.page import Page, new_nonce
from opencasb.portal.pages.account import has_account
from opencasb.portal.routes import Action, View
from opencasb.portal.visit import Visit


def show(visit: Visit, **once: Any) -> Page:  # a single-use challenge
    """Show the keys, with forms to add and remove one."""
    return visit.render(
        "security_keys.html.j2",
        area="account",
        keys=visit.casb.identity.second_factors.keys.of(visit.user),
        available=visit.casb.identity.second_factors.keys.available,
        **{"challenge": None, **once},
    )


def begin(visit: Visit) -> Page:
    """Check the password and have the browser create a key."""
    present = visit.form.raw("present_password")
    challenge = visit.casb.identity.own_account.begin_security_key(visit.user, present, visit.address)
    return show(visit, challenge=challenge, nonce=new_nonce())


def add(visit: Visit) -> str:
    """Register the key that the browser created."""
    name, challenge = visit.form.line("name", required=True, longest=100), visit.form.raw("challenge")
    visit.casb.identity.own_account.register_security_key(visit.user, challenge, visit.form.raw("answer"), name)
    return "account/security-keys?done=saved"


def remove(visit: Visit) -> str:
    """Remove a key."""
    account, present = visit.casb.identity.own_account, visit.form.raw("removing_password")
    try:
        found = account.remove_security_key(visit.user, visit.form.raw("credential_id"), present, visit.address)
    except InvalidValue as wrong:
        raise InvalidValue("removing_password", str(wrong)) from None
    if not found:
        raise InvalidValue("credential_id", "There is no such key.")
    return "account/security-keys?done=removed"


VIEWS: Final = (View("account/security-keys", has_account, show),)
ACTIONS: Final = (
    Action("account/security-keys", has_account, begin, show),
    Action("account/security-keys/add", has_account, add, show),
    Action("account/security-keys/remove", has_account, remove, show),
)
