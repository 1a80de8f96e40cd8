"""Token responses in user context: an access token, and the other tokens requested (identity §7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from opencasb.identity import user_claims
from opencasb.identity.clients import AuthenticatedClient
from opencasb.identity.consents import Consents
from opencasb.identity.delegation import Delegation, granted, wanted
from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.token_request import ParsedRequest, body
from opencasb.identity.guests import Guests
from opencasb.identity.opaque import new_token
from opencasb.identity.pepper import Pepper
from opencasb.identity.registrations import Registrar
from opencasb.identity.resources import Resources
from opencasb.identity.tokens import AccessTokens
from opencasb.model.delegation import ScopeRequest, SignedIn
from opencasb.model.durations import DAY
from opencasb.model.permissions import GRAPH
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.refresh_tokens import RefreshToken, RefreshTokens
from opencasb.store.users import Users

REFRESH_TOKEN: Final = "refresh token"  # noqa: S105 - the purpose of a digest
SLIDING: Final = 90 * DAY
"""How long (ms) a refresh token stays valid unused (identity §7.3)."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a user authorized, as the basis of the tokens to issue.

    ``scope_request`` is what this token is for, ``lasting`` whether it can be renewed. ``ends`` is when renewal stops
    (ms), None if never; ``replacing`` is the digest of the refresh token used.
    """

    signed_in: SignedIn
    family_id: str
    scope_request: ScopeRequest
    lasting: bool
    nonce: str = ""
    ends: int | None = None
    replacing: str | None = None


@dataclass(eq=False)
class UserTokenResponses:
    """Builds the responses of every grant in user context."""

    _users: Users
    _consents: Consents
    _registrations: Registrar
    _resources: Resources
    _tokens: AccessTokens
    _refresh_tokens: RefreshTokens
    _guests: Guests
    _pepper: Pepper
    _clock: Callable[[], int]

    def respond(
        self, parsed: ParsedRequest, tenant: Tenant, client: AuthenticatedClient, authorization: Authorization
    ) -> dict[str, Any]:  # any JSON
        """Return the body. Raises 50057 (user gone), 50105 (not assigned), 65001 and the errors of invalid scopes."""
        user = self._user(tenant, client, authorization.signed_in)
        delegation = self._delegation(client, user, authorization)
        subject = user_claims.pairwise(self._pepper, user, client.application.client_id)
        issued = self._tokens.for_user(
            tenant,
            client,
            delegation.target,
            names=_scp(delegation),
            about_user=user_claims.in_access_token(
                user, authorization.signed_in, subject, authorization.family_id, parsed.request.address
            )
            | self._of_guest(user),
            capabilities=parsed.capabilities,
        )
        facts = {"resource": delegation.target.resource.key, "scopes": _scp(delegation), "token_id": issued.token_id}
        parsed.facts.update(facts, user=user.upn, object_id=user.user_id)
        response = body(parsed.request.version, issued, delegation.target)
        response["scope"] = " ".join(delegation.scopes)
        if "openid" in delegation.oidc:
            response["id_token"] = self._id_token(tenant, client, user, delegation, authorization, issued.access_token)
        if authorization.lasting:
            response["refresh_token"] = self._refresh_token(tenant, client, authorization)
        if parsed.form.get("client_info") == "1":
            home = self._guests.home_tenant_of(user) or tenant
            response["client_info"] = user_claims.client_info(user, home.guid)
        return response

    def _of_guest(self, user: User) -> dict[str, str]:
        """Return the ``idp`` claim that only guests have: their home tenant."""
        home = self._guests.home_tenant_of(user) if user.is_guest else None
        return {} if home is None else {"idp": self._tokens.issuer(home.guid)}

    def _user(self, tenant: Tenant, client: AuthenticatedClient, signed_in: SignedIn) -> User:
        user = self._users.get(tenant.tenant_id, signed_in.user_id)
        if user is None or not user.active:
            raise OAuthError(50057, "The account of the user is disabled.")
        self._consents.demand_use(client.application, user)
        return user

    def _delegation(self, client: AuthenticatedClient, user: User, authorization: Authorization) -> Delegation:
        application = client.application
        configured = self._registrations.delegated(application)
        first = authorization.replacing is not None  # only a refresh may name several resources
        asked = wanted(self._resources, authorization.scope_request, configured, first=first)
        consented = self._consents.grants.granted(application.tenant_id, application.client_id, user.user_id)
        return granted(asked, consented)

    def _id_token(
        self,
        tenant: Tenant,
        client: AuthenticatedClient,
        user: User,
        delegation: Delegation,
        authorization: Authorization,
        access_token: str,
    ) -> str:
        version, client_id = authorization.scope_request.version, client.application.client_id
        issuer = self._tokens.v2_issuer(tenant.guid) if version == 2 else self._tokens.issuer(tenant.guid)
        subject = user_claims.pairwise(self._pepper, user, client_id)
        claims = user_claims.in_id_token(user, tenant.guid, subject, access_token, email="email" in delegation.oidc)
        claims |= {"aud": client_id, "iss": issuer, "ver": f"{version}.0", **self._of_guest(user)}
        claims["auth_time"] = authorization.signed_in.at // 1000
        if authorization.nonce:
            claims["nonce"] = authorization.nonce
        if version == 1:
            claims |= {"upn": user.upn, "unique_name": user.upn}
        return self._tokens.sign(claims)

    def _refresh_token(self, tenant: Tenant, client: AuthenticatedClient, authorization: Authorization) -> str:
        value, now, signed_in = new_token(tenant.tenant_id), self._clock(), authorization.signed_in
        token = RefreshToken(
            digest=self._pepper.digest(REFRESH_TOKEN, value),
            family_id=authorization.family_id,
            client_id=client.application.client_id,
            public=client.proof == "none",
            ends=authorization.ends,
            version=authorization.scope_request.version,
            scope=authorization.scope_request.scope,
            resource=authorization.scope_request.resource,
            user_id=signed_in.user_id,
            amr=" ".join(signed_in.amr),
            session_id=signed_in.session_id,
            signed_in=signed_in.at,
            created=now,
            expires=now + SLIDING if authorization.ends is None else authorization.ends,
        )
        self._refresh_tokens.add(tenant.tenant_id, token, replacing=authorization.replacing)
        return value


def _scp(delegation: Delegation) -> list[str]:
    """Return the names for ``scp``; OpenID Connect scopes are included for Graph only."""
    oidc = delegation.oidc - {"offline_access"} if delegation.target.resource is GRAPH else frozenset[str]()
    return sorted((*delegation.names, *oidc), key=str.lower)
