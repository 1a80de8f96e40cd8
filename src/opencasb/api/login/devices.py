"""The page where people enter the code that a device displays (identity §5.2)."""

from __future__ import annotations

from typing import Final

from opencasb.api.login.exchange import Call, Handler, Reply
from opencasb.api.login.pages import as_shown, ask_to_sign_in, is_agreed, own_form, page, signed_in
from opencasb.identity.device_codes import PendingDevice
from opencasb.identity.errors import OAuthError
from opencasb.identity.identity import Identity
from opencasb.identity.throttle import Throttle
from opencasb.model.application import Application
from opencasb.model.delegation import SignedIn
from opencasb.model.user import User

PATH: Final = "/common/oauth2/deviceauth"
WRONG_CODES: Final = 10
"""Wrong codes allowed per address in a quarter of an hour (identity §5.2)."""


def device_page(identity: Identity) -> Handler:
    """Return the handler of the page: sign in, enter the code, see what is requested, and decide."""
    wrong = Throttle(WRONG_CODES, minutes=15)

    def handle(call: Call) -> Reply:
        found = signed_in(identity, call)
        if found is None:
            return ask_to_sign_in(identity, call, "organizations", PATH)
        if call.method != "POST":
            return _ask_for_code(identity, call, "")
        form = own_form(identity, call)
        pending = _device(identity, call, wrong, found, form.get("user_code", ""))
        if pending is None:
            return _ask_for_code(identity, call, "This code is unknown or has expired. Check your device.")
        device, user, session = pending
        if not form.get("decision", ""):
            return _show(identity, call, device, user, form)
        return _decide(identity, call, device, (user, session), form)

    return handle


def _device(
    identity: Identity, call: Call, wrong: Throttle, found: tuple[User, SignedIn], user_code: str
) -> tuple[PendingDevice, User, SignedIn] | None:
    """Return the device waiting with a code, in any tenant that admits the user, and the user's identity there."""
    if seconds := wrong.wait(call.address):
        raise OAuthError(90055, "Too many wrong codes. Try again later.", retry_after=seconds)
    for tenant, _ in identity.guests.tenants_of(found[0]):
        device, within = (
            identity.device_codes.pending(tenant.tenant_id, user_code),
            identity.guests.within(tenant, *found),
        )
        if device is not None and within is not None:
            return device, *within
    wrong.failed(call.address)
    return None


def _application(identity: Identity, device: PendingDevice, user: User) -> Application:
    """Return a device's application as known in the user's tenant, or else at home. Raises 700016, 7000112, 50105."""
    found = identity.consents.find_anywhere(identity.consent_flow.tenant_of(user), device.client_id)
    if found.tenant_id == user.tenant_id:
        identity.consents.demand_use(found, user)
    return found


def _show(identity: Identity, call: Call, device: PendingDevice, user: User, form: dict[str, str]) -> Reply:
    application = _application(identity, device, user)
    asked = identity.consent_flow.asked(application, device.scope_request, user)
    return page(
        identity,
        call,
        "device_decision.html.j2",
        action=PATH,
        application=application,
        tenant=identity.consent_flow.tenant_of(user),
        user=user,
        asked=asked,
        shown=as_shown(asked.wanted),
        user_code=form["user_code"],
    )


def _decide(
    identity: Identity,
    call: Call,
    device: PendingDevice,
    found: tuple[User, SignedIn],
    form: dict[str, str],
) -> Reply:
    user, session = found
    if form["decision"] != "accept":
        identity.device_codes.decline(device)
        return page(identity, call, "done.html.j2", title="Declined", text="The device was refused.")
    application = _application(identity, device, user)
    asked = identity.consent_flow.asked(application, device.scope_request, user)
    if not is_agreed(form, asked.wanted):
        return _show(identity, call, device, user, form)
    if asked.missing:
        identity.consent_flow.agree(application, user, asked, everybody=form.get("everybody") == "yes")
    if not identity.device_codes.approve(device, session):
        return _ask_for_code(identity, call, "This code has expired. Check your device.")
    return page(identity, call, "done.html.j2", title="Signed in", text="You can go back to your device now.")


def _ask_for_code(identity: Identity, call: Call, problem: str) -> Reply:
    return page(identity, call, "device_code.html.j2", action=PATH, problem=problem)
