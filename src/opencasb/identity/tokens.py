"""Access tokens: their claims, signing and verification (identity §7)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal, TypeVar

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from opencasb.identity.clients import AUTHENTICATION_CLASSES, AuthenticatedClient, Proof
from opencasb.identity.errors import InvalidToken
from opencasb.identity.keyring import Keyring
from opencasb.identity.resources import Resources, Target
from opencasb.model.application import Application
from opencasb.model.delegation import Version
from opencasb.model.guarded import Guarded
from opencasb.model.permissions import RESOURCES, Audience
from opencasb.model.tenant import Tenant

BACKDATED: Final = 300
"""Seconds by which ``iat`` and ``nbf`` are backdated, for validators whose clock is slow (identity §7.1)."""
LEEWAY: Final = 60
"""Accepted clock skew, in seconds, when we verify our own tokens (identity §7.5)."""
LARGEST: Final = 16 * 1024
_ALGORITHM: Final = "RS256"


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The only header our tokens have. A token with anything else (``jku``, ``jwk``, ``crit``) is refused."""

    alg: Literal["RS256"]
    kid: str
    typ: Literal["JWT"]
    x5t: str


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that decisions depend on; others are ignored. Times are seconds since the epoch."""

    iss: str
    aud: str
    tid: str
    oid: str
    sub: str
    appid: str
    nbf: int
    exp: int
    roles: tuple[str, ...] = ()
    scp: str | None = None
    uti: str = ""
    sid: str = ""
    aio: str = ""

    @property
    def issued(self) -> int:
        """When the token was issued (ms); ``iat`` is only to the second, and backdated."""
        return int(self.aio) if self.aio.isdecimal() else (self.nbf + BACKDATED) * 1000


class _IdToken(msgspec.Struct, frozen=True):
    iss: str
    aud: str
    tid: str


_Kind = TypeVar("_Kind", Claims, _IdToken)


class IssuedToken(Guarded, frozen=True, kw_only=True):
    """A new access token with what the response and the audit log say about it. Times are seconds since the epoch."""

    GUARDED: ClassVar = ("access_token",)

    access_token: str
    token_id: str
    not_before: int
    expires: int
    lifetime: int
    roles: tuple[str, ...]


class AccessTokens:
    """Issues and verifies v1.0 tokens for every tenant of this server.

    ``issuer_base`` is the URL before ``/{tenant guid}/`` in ``iss``; ``lifetime`` is in seconds.
    """

    def __init__(
        self,
        keyring: Keyring,
        resources: Resources,
        clock: Callable[[], int],
        *,
        issuer_base: str,
        lifetime: int,
    ) -> None:
        self._keyring = keyring
        self._clock = clock
        self._issuer_base = issuer_base.rstrip("/")
        self._lifetime = lifetime
        self._audiences = {key: resources.audiences(key) for key in RESOURCES}
        self._registry = jws.JWSRegistry(algorithms=[_ALGORITHM])

    def issuer(self, tenant_guid: str) -> str:
        """Return the ``iss`` of a tenant's v1.0 tokens."""
        return f"{self._issuer_base}/{tenant_guid}/"

    def v2_issuer(self, tenant_guid: str) -> str:
        """Return the ``iss`` of v2.0 tokens, such as ID tokens."""
        return f"{self._issuer_base}/{tenant_guid}/v2.0"

    def issuer_of(self, version: Version, tenant_guid: str) -> str:
        """Return the issuer named in the metadata of a version."""
        return self.issuer(tenant_guid) if version == 1 else self.v2_issuer(tenant_guid)

    def for_application(
        self,
        tenant: Tenant,
        application: Application,
        target: Target,
        *,
        proof: Proof = "secret",
        capabilities: tuple[str, ...] = (),
    ) -> IssuedToken:
        """Issue a token in application context; ``roles`` are the permissions granted on the target's resource.

        Without any, the claim is absent: the token is still issued, and the API then answers 403.
        """
        roles = tuple(each.name for each in application.permissions if each.resource == target.resource.key)
        claims = self._common(tenant, application, proof, target, capabilities) | {
            "idp": self.issuer(tenant.guid),
            "idtyp": "app",
            "oid": application.service_principal_id,
            "sub": application.service_principal_id,
        }
        if roles:
            claims["roles"] = list(roles)
        return self._issue(claims, roles)

    def for_user(
        self,
        tenant: Tenant,
        client: AuthenticatedClient,
        target: Target,
        *,
        names: Sequence[str],
        about_user: Mapping[str, object],
        capabilities: tuple[str, ...],
    ) -> IssuedToken:
        """Issue a token in user context; ``names`` go into ``scp``, ``about_user`` are the claims about the user."""
        common = self._common(tenant, client.application, client.proof, target, capabilities)
        claims = common | {**about_user, "scp": " ".join(names)}
        return self._issue(claims, ())

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return a signed token with any other claims, such as an ID token, with the usual lifetime starting now."""
        return self._issue(claims, ()).access_token

    def check(self, token: str, audience: Audience) -> Claims:
        """Return the claims of a token of ours that is meant for ``audience`` and currently valid.

        Raises :class:`InvalidToken` for any other text; the message is for logs, not for the caller.
        """
        claims = self._claims(token, Claims)
        now = self._clock() / 1000
        if claims.aud not in self._audiences[audience]:
            raise InvalidToken(f"audience {claims.aud!r} is not {audience}")
        if claims.iss != self.issuer(claims.tid):
            raise InvalidToken(f"issuer {claims.iss!r} is not that of tenant {claims.tid!r}")
        if claims.nbf > now + LEEWAY or claims.exp <= now - LEEWAY:
            raise InvalidToken("outside its time of validity")
        return claims

    def client_of(self, id_token: str) -> str:
        """Return the client that an ID token of ours is for, expired or not; an empty string for any other text."""
        try:
            claims = self._claims(id_token, _IdToken)
        except InvalidToken:
            return ""
        return claims.aud if claims.iss in {self.issuer(claims.tid), self.v2_issuer(claims.tid)} else ""

    def _common(
        self,
        tenant: Tenant,
        application: Application,
        proof: Proof,
        target: Target,
        capabilities: tuple[str, ...],
    ) -> dict[str, Any]:  # of any JSON type
        claims: dict[str, Any] = {
            "aud": target.audience,
            "iss": self.issuer(tenant.guid),
            "tid": tenant.guid,
            "ver": "1.0",
            "appid": application.client_id,
            "appidacr": AUTHENTICATION_CLASSES[proof],
            "app_displayname": application.name,
            "aio": str(self._clock()),
        }
        return {**claims, "xms_cc": list(capabilities)} if capabilities else claims

    def _issue(self, claims: Mapping[str, object], roles: tuple[str, ...]) -> IssuedToken:
        now = self._clock() // 1000
        issued = IssuedToken(
            access_token="",
            token_id=secrets.token_urlsafe(16),
            not_before=now - BACKDATED,
            expires=now + self._lifetime,
            lifetime=self._lifetime,
            roles=roles,
        )
        times = {"iat": issued.not_before, "nbf": issued.not_before, "exp": issued.expires, "uti": issued.token_id}
        return msgspec.structs.replace(issued, access_token=self._signed({**claims, **times}))

    def _signed(self, claims: dict[str, object]) -> str:
        key = self._keyring.signer()
        header = {"typ": "JWT", "alg": _ALGORITHM, "kid": key.key_id, "x5t": key.key_id}
        return jwt.encode(header, claims, key.private, registry=self._registry)

    def _claims(self, token: str, kind: type[_Kind]) -> _Kind:
        if len(token) > LARGEST or not token.isascii():
            raise InvalidToken("too long, or not ASCII")
        try:
            header = msgspec.json.decode(urlsafe_b64decode(token.partition(".")[0].encode()), type=Header)
            key = self._keyring.find(header.kid)
            if key is None:
                raise InvalidToken(f"unknown key {header.kid[:64]!r}")
            verified = jws.deserialize_compact(token, key.public, registry=self._registry)
            return msgspec.json.decode(verified.payload or b"", type=kind)
        except (JoseError, ValueError, msgspec.MsgspecError) as error:
            raise InvalidToken(str(error)) from error
