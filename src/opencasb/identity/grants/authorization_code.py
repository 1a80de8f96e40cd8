"""The authorization code grant (identity §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from opencasb.identity.authorization_codes import LIFETIME, AuthorizationCodes, check_verifier
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import required
from opencasb.identity.grants.callers import Callers
from opencasb.identity.grants.token_request import ParsedRequest, demand_unrevoked
from opencasb.identity.grants.token_responses import Authorization, UserTokenResponses
from opencasb.model.delegation import ScopeRequest, SignedIn
from opencasb.model.durations import DAY
from opencasb.model.tenant import Tenant
from opencasb.store.authorization_codes import AuthorizationCode
from opencasb.store.revocations import Revocations
from opencasb.store.tenants import Tenants

SPA_ENDS: Final = DAY
"""How long (ms) after sign-in a single-page application can renew its tokens (identity §7.3)."""


@dataclass(eq=False)
class AuthorizationCodeGrant:
    """Redeems each code once, for the client, redirect, tenant and PKCE verifier that it is bound to."""

    _tenants: Tenants
    _callers: Callers
    _codes: AuthorizationCodes
    _revocations: Revocations
    _responses: UserTokenResponses

    def __call__(self, parsed: ParsedRequest) -> dict[str, Any]:  # any JSON
        """Answer a request. Raises 700005, 500112, 501481, 54005 and the errors of code lookup and clients."""
        value = required(parsed.form, "code")
        try:
            tenant_id, code = self._codes.find(value)
        except OAuthError:
            self._callers.check(parsed)
            raise
        tenant = self._tenant(parsed, tenant_id)
        client = self._callers.by_redirect(tenant, parsed, code.redirect_kind)
        if client.application.client_id != code.client_id:
            raise OAuthError(70000, "The authorization code was issued to another client.")
        if _rooted(required(parsed.form, "redirect_uri")) != _rooted(code.redirect_uri):
            raise OAuthError(500112, "The 'redirect_uri' is not that of the authorization request.")
        check_verifier(code, parsed.form.get("code_verifier"))
        self._codes.redeem(tenant.tenant_id, code)
        demand_unrevoked(
            self._revocations,
            tenant.tenant_id,
            client_id=code.client_id,
            user_id=code.user_id,
            family_id=code.family_id,
            issued=code.expires - LIFETIME,
        )
        return self._responses.respond(parsed, tenant, client, _authorization(parsed, tenant, code))

    def _tenant(self, parsed: ParsedRequest, tenant_id: int) -> Tenant:
        tenant = parsed.tenant or self._tenants.get(tenant_id)
        if tenant is None or tenant.tenant_id != tenant_id:
            raise OAuthError(700005, "The authorization code was issued by another tenant.")
        return tenant


def _rooted(redirect_uri: str) -> str:
    """Return a redirect URI, one without a path with the slash that the browser was sent to (identity §5)."""
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        return redirect_uri
    return redirect_uri if parts.path else parts._replace(path="/").geturl()


def _authorization(parsed: ParsedRequest, tenant: Tenant, code: AuthorizationCode) -> Authorization:
    asked = parsed.scope_request
    scope_request = ScopeRequest(
        version=asked.version, scope=asked.scope or code.scope, resource=asked.resource or code.resource
    )
    return Authorization(
        signed_in=SignedIn.kept(tenant.tenant_id, code),
        family_id=code.family_id,
        scope_request=scope_request,
        lasting=ScopeRequest(version=asked.version, scope=code.scope).lasts,
        nonce=code.nonce,
        ends=code.signed_in + SPA_ENDS if code.redirect_kind == "spa" else None,
    )
