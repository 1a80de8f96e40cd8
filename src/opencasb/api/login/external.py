"""Sign in through a tenant's external provider: redirect there, and handle the return."""

from __future__ import annotations

from typing import Final

from opencasb.api.login.exchange import NOT_STORED, Call, Reply
from opencasb.api.login.signing_in import enter, going_to_of
from opencasb.identity.errors import OAuthError
from opencasb.identity.external.external_sign_in import STATE_LIFETIME
from opencasb.identity.identity import Identity
from opencasb.identity.token_endpoint import find_tenant
from opencasb.model.tenant import Tenant

COOKIE: Final = "__Host-opencasb-external"
"""Holds the sign-in state until the browser returns."""


def redirect(identity: Identity, call: Call) -> Reply:
    """Redirect the browser to the provider."""
    going_to = going_to_of(call.query)
    begun = identity.external_sign_in.begin(_tenant(identity, call), going_to)
    attributes = f"Path=/; Max-Age={STATE_LIFETIME // 1000}; Secure; HttpOnly; SameSite=Lax"
    headers = {"location": begun.address, "set-cookie": f"{COOKIE}={begun.ticket}; {attributes}"}
    return Reply(None, 303, {**NOT_STORED, **headers})


def callback(identity: Identity, call: Call) -> Reply:
    """Open a session for a returning user; require our second factor unless the provider applied one."""
    arrived = identity.external_sign_in.finish(_tenant(identity, call), call.cookies.get(COOKIE, ""), call.query)
    return enter(identity, call, arrived.user, arrived.amr, arrived.going_to)


def _tenant(identity: Identity, call: Call) -> Tenant:
    tenant = find_tenant(identity.tenants, call.tenant)
    if tenant is None:
        raise OAuthError(90013, "An external sign-in begins at the address of a tenant.")
    return tenant
