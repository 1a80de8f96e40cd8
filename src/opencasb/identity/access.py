"""Authenticate API callers by the ``Authorization`` header (api §2.1 to §2.3, identity §7.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from opencasb.identity.credentials import API_TOKEN
from opencasb.identity.errors import Explained, InvalidToken, Unauthenticated
from opencasb.identity.last_use import note_use
from opencasb.identity.pepper import Pepper
from opencasb.identity.siem_tokens import SiemTokens
from opencasb.identity.tokens import AccessTokens, Claims
from opencasb.identity.trust.trust import Trust
from opencasb.model.permissions import MDCA, Audience, known_permissions
from opencasb.model.principal import Principal
from opencasb.model.rights import permissions_of
from opencasb.model.user import User
from opencasb.store.api_tokens import ApiTokens
from opencasb.store.applications import Applications
from opencasb.store.revocations import Revocations, of_application, of_consent, of_family, of_token, of_user
from opencasb.store.tenants import Tenants
from opencasb.store.users import Users

_API_TOKEN = re.compile(r"[0-9A-Za-z=]{64,192}")


@dataclass(eq=False)
class Access:
    """Resolves an ``Authorization`` header to a :class:`Principal`."""

    _tokens: AccessTokens
    _tenants: Tenants
    _users: Users
    _applications: Applications
    _api_tokens: ApiTokens
    _revocations: Revocations
    _trust: Trust
    _siem_tokens: SiemTokens
    _pepper: Pepper
    _clock: Callable[[], int]
    _tenant_ids: dict[str, int] = field(default_factory=dict, init=False)

    def authenticate(self, authorization: str | None, audience: Audience) -> Principal:
        """Return the authenticated caller of an API.

        ``Bearer`` tokens, our own and those of trusted issuers, must be issued for ``audience``. API tokens
        (``Token <key>``, or the bare key) and SIEM agent tokens are accepted by the ``mdca`` API only. Permissions are
        those of the token; if it acts for a user, they are intersected with what the user's role allows now, so a
        deprovisioned user has none.

        Raises :class:`Unauthenticated`.
        """
        scheme, _, value = (authorization or "").strip().partition(" ")
        value = value.strip()
        if not scheme:
            raise Unauthenticated("missing")
        if scheme.lower() == "bearer":
            return self._by_bearer(value, audience)
        if audience == "mdca" and (scheme.lower() == "token" or not value):
            return self._by_api_token(value or scheme)
        raise Unauthenticated("invalid")

    def user_of(self, authorization: str | None) -> dict[str, str]:
        """Return the UserInfo claims of the user behind a Graph token in user context (identity §2).

        Raises :class:`Unauthenticated` for any other token.
        """
        scheme, _, token = (authorization or "").strip().partition(" ")
        principal = self._by_bearer(token.strip(), "graph") if scheme.lower() == "bearer" else None
        user = self._users.get(principal.tenant_id, principal.user_id) if principal and principal.user_id else None
        if user is None:
            raise Unauthenticated("invalid")
        subject = self._tokens.check(token.strip(), "graph").sub
        return {"sub": subject, "name": user.display_name, "preferred_username": user.upn, "email": user.upn}

    def _by_bearer(self, token: str, audience: Audience) -> Principal:
        try:
            stranger = self._trust.principal(token, audience)
            if stranger is not None:
                return stranger
            claims = self._tokens.check(token, audience)
        except InvalidToken as error:
            raise Unauthenticated("invalid", str(error) if isinstance(error, Explained) else "") from error
        tenant_id = self._tenant_id(claims.tid)
        application = self._applications.enabled_name(tenant_id, claims.appid)
        if application is None or self._is_revoked(tenant_id, claims):
            raise Unauthenticated("invalid")
        if claims.scp is not None:
            return self._delegated(tenant_id, claims, audience)
        return Principal(
            tenant_id=tenant_id,
            name=application,
            permissions=known_permissions(audience, claims.roles),
            client_id=claims.appid,
        )

    def _is_revoked(self, tenant_id: int, claims: Claims) -> bool:
        subjects = [of_token(claims.uti), of_application(claims.appid)]
        if claims.scp is not None:
            consents = (of_consent(claims.appid, claims.oid), of_consent(claims.appid, ""))
            subjects += [of_user(claims.oid), of_family(claims.sid), *consents]
        return self._revocations.concern(tenant_id, subjects, claims.issued)

    def _delegated(self, tenant_id: int, claims: Claims, audience: Audience) -> Principal:
        user = self._users.get(tenant_id, claims.oid)
        if user is None:
            raise Unauthenticated("invalid")
        granted = known_permissions(audience, (claims.scp or "").split())
        return _for_user(user, granted, client_id=claims.appid)

    def _by_api_token(self, value: str) -> Principal:
        if not _API_TOKEN.fullmatch(value):
            raise Unauthenticated("invalid")
        found = self._api_tokens.owned(self._pepper.digest(API_TOKEN, value))
        if found is None:
            agent = self._siem_tokens.principal(value)
            if agent is None:
                raise Unauthenticated("invalid")
            return agent
        token, owner = found
        note_use(token.last_used, self._clock(), partial(self._api_tokens.touch, token.tenant_id, token.token_id))
        return _for_user(owner, frozenset(MDCA.permissions))

    def _tenant_id(self, guid: str) -> int:
        if guid not in self._tenant_ids:  # a tenant never changes its guid
            tenant = self._tenants.by_guid_or_domain(guid)
            if tenant is None:
                raise Unauthenticated("invalid")
            self._tenant_ids[guid] = tenant.tenant_id
        return self._tenant_ids[guid]


def _for_user(user: User, granted: frozenset[str], client_id: str | None = None) -> Principal:
    return Principal(
        tenant_id=user.tenant_id,
        name=user.upn,
        permissions=granted & permissions_of(user),
        client_id=client_id,
        user_id=user.user_id,
        role=user.role,
        stream_ids=user.stream_ids,
        scope=user.scope,
    )
