"""The refresh token grant: new tokens without a new sign-in, with rotation of the refresh token (identity §7.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from opencasb.identity.clients import AuthenticatedClient
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import required
from opencasb.identity.grants.callers import Callers
from opencasb.identity.grants.token_request import ParsedRequest, demand_unrevoked
from opencasb.identity.grants.token_responses import REFRESH_TOKEN, Authorization, UserTokenResponses
from opencasb.identity.opaque import tenant_of
from opencasb.identity.pepper import Pepper
from opencasb.model.delegation import ScopeRequest, SignedIn
from opencasb.model.durations import MINUTE
from opencasb.model.tenant import Tenant
from opencasb.store.refresh_tokens import RefreshToken, RefreshTokens
from opencasb.store.revocations import Revocations, of_family
from opencasb.store.tenants import Tenants

GRACE: Final = MINUTE
"""How long (ms) a replaced token is still accepted, because its response may have been lost."""


@dataclass(eq=False)
class RefreshTokenGrant:
    """Renews tokens. A public client's reuse of a replaced token indicates theft, and revokes the whole family."""

    _tenants: Tenants
    _callers: Callers
    _repository: RefreshTokens
    _revocations: Revocations
    _responses: UserTokenResponses
    _pepper: Pepper
    _clock: Callable[[], int]

    def __call__(self, parsed: ParsedRequest) -> dict[str, Any]:  # any JSON
        """Answer a request. Raises 70000, 700082, 70008, 50173 and the errors of client authentication and scopes."""
        tenant, token = self._find(parsed)
        client = self._client(tenant, parsed, token)
        if client.application.client_id != token.client_id:
            raise OAuthError(70000, "The refresh token was issued to another client.", suberror="bad_token")
        self._check(tenant, token)
        return self._responses.respond(parsed, tenant, client, _authorization(parsed, tenant, token))

    def _find(self, parsed: ParsedRequest) -> tuple[Tenant, RefreshToken]:
        value = required(parsed.form, "refresh_token")
        tenant_id = tenant_of(value)
        token = None
        if tenant_id is not None:
            token = self._repository.get(tenant_id, self._pepper.digest(REFRESH_TOKEN, value))
        tenant = None if tenant_id is None else self._tenants.get(tenant_id)
        if token is None:
            self._callers.check(parsed)
        if token is None or tenant is None or parsed.tenant not in {None, tenant}:
            raise OAuthError(70000, "The refresh token is not valid in this tenant.", suberror="bad_token")
        return tenant, token

    def _client(self, tenant: Tenant, parsed: ParsedRequest, token: RefreshToken) -> AuthenticatedClient:
        if token.ends is not None:
            return self._callers.by_redirect(tenant, parsed, "spa")
        kind = "publicClient" if token.public else "web"
        return self._callers.by_redirect(tenant, parsed, kind)

    def _check(self, tenant: Tenant, token: RefreshToken) -> None:
        now = self._clock()
        if token.expires <= now:
            code = 700082 if token.ends is None else 70008
            raise OAuthError(
                code, "The refresh token has expired. Send the user to sign in again.", suberror="bad_token"
            )
        if token.public and token.replaced is not None and now - token.replaced > GRACE:
            self._revocations.add(tenant.tenant_id, of_family(token.family_id), now)
        demand_unrevoked(
            self._revocations,
            tenant.tenant_id,
            client_id=token.client_id,
            user_id=token.user_id,
            family_id=token.family_id,
            issued=token.created,
        )


def _authorization(parsed: ParsedRequest, tenant: Tenant, token: RefreshToken) -> Authorization:
    asked, kept = parsed.scope_request, ScopeRequest.kept(token)
    named = bool(asked.scope or (asked.version == 1 and asked.resource))
    scope_request = asked if named else ScopeRequest(version=asked.version, scope=kept.scope, resource=kept.resource)
    return Authorization(
        signed_in=SignedIn.kept(tenant.tenant_id, token),
        family_id=token.family_id,
        scope_request=scope_request,
        lasting=True,
        ends=token.ends,
        replacing=token.digest,
    )
