"""Verify access tokens of trusted issuers (identity §7.5)."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.util import urlsafe_b64decode

from opencasb.identity.errors import Explained, InvalidToken
from opencasb.identity.trust.issuer_keys import IssuerKeys
from opencasb.model.permissions import GRAPH, MDCA, Audience
from opencasb.model.trusted_issuer import TrustedIssuer

LEEWAY: Final = 300
"""Accepted clock skew in seconds."""
LARGEST: Final = 64 * 1024
"""Maximum length of a token in characters; many groups make one long."""
FOR_GRAPH: Final = (
    "This token is for Microsoft Graph, and nobody but Microsoft can check its signature. Ask for a token of the "
    "application that this server is registered as."
)
FOR_VENDOR: Final = (
    "This token is for the upstream service. Ask for a token of the application that this server is registered as."
)
_GRAPH: Final = frozenset({GRAPH.app_id, str(GRAPH.uri), f"{GRAPH.uri}/"})
_VENDOR: Final = frozenset({MDCA.app_id, f"api://{MDCA.app_id}"})


class _Registry(jws.JWSRegistry):
    """Allows larger headers, because some contain certificates."""

    max_header_length = 16 * 1024


_REGISTRY: Final = _Registry(algorithms=["RS256", "PS256"], strict_check_header=False)


class _Header(msgspec.Struct, frozen=True):
    """A token header; keys and URLs that it names (``jku``, ``x5u``, ``jwk``) are never read."""

    alg: Literal["RS256", "PS256"]
    kid: str
    typ: str = "JWT"
    nonce: str | None = None
    crit: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class ForeignClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that decisions depend on; others are ignored. Times are seconds since the epoch."""

    iss: str
    aud: str
    tid: str
    oid: str
    sub: str
    nbf: int | float
    exp: int | float
    appid: str = ""
    azp: str = ""
    app_displayname: str = ""
    idtyp: str = ""
    idp: str = ""
    roles: tuple[str, ...] = ()
    scp: str | None = None
    wids: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    upn: str = ""
    preferred_username: str = ""

    @property
    def client_id(self) -> str:
        """The application that requested the token."""
        return self.appid or self.azp

    @property
    def is_guest(self) -> bool:
        """Whether the user belongs to another directory, for which the issuer of the token cannot vouch."""
        return self.idp not in {"", self.iss}


class _Tenant(msgspec.Struct, frozen=True):
    tid: str = ""


def directory_of(token: str) -> str:
    """Return the directory that a token claims to come from, in lower case; nothing is verified yet."""
    try:
        payload = token.split(".", 2)[1]
        return msgspec.json.decode(urlsafe_b64decode(payload.encode()), type=_Tenant).tid.lower()
    except (IndexError, ValueError, msgspec.MsgspecError, RecursionError):
        return ""


def check(token: str, audience: Audience, keys: IssuerKeys, now: int) -> ForeignClaims:
    """Return the claims of a token of the issuer that is meant for ``audience`` and valid at ``now`` (ms).

    Raises :class:`InvalidToken` for any other text, or :class:`Explained` if its holder is told why.
    """
    if len(token) > LARGEST or not token.isascii():
        raise InvalidToken("too long, or not ASCII")
    try:
        claims = _verified(token, keys)
    except (JoseError, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise InvalidToken(str(error)) from error
    _check_audience(claims.aud, audience, keys.issuer)
    if claims.tid.lower() != keys.issuer.issuer:
        raise InvalidToken(f"directory {claims.tid[:64]!r} is not the trusted one")
    if not (claims.nbf <= now / 1000 + LEEWAY and claims.exp > now / 1000 - LEEWAY):
        raise InvalidToken("outside its time of validity")
    if not all(each and each.isprintable() for each in (claims.client_id, claims.oid)):
        raise InvalidToken("no access token: it does not say which application asked for whom")
    return claims


def _verified(token: str, keys: IssuerKeys) -> ForeignClaims:
    header = msgspec.json.decode(urlsafe_b64decode(token.partition(".")[0].encode()), type=_Header)
    if header.nonce is not None:
        raise Explained(FOR_GRAPH)
    if header.crit is not msgspec.UNSET or header.typ.lower() not in {"jwt", "at+jwt"}:
        raise InvalidToken("a header that is not understood")
    known = keys.known(header.kid)
    key = None if known is None else known.keys.get(header.kid)
    if known is None or key is None:
        raise InvalidToken(f"unknown key {header.kid[:64]!r}" if known else "the keys of the issuer are not known")
    verified = jws.deserialize_compact(token, key, registry=_REGISTRY)
    claims = msgspec.json.decode(verified.payload or b"", type=ForeignClaims)
    if claims.iss not in known.issuers:
        raise InvalidToken(f"issuer {claims.iss[:200]!r} is not that of the directory")
    return claims


def _check_audience(named: str, audience: Audience, issuer: TrustedIssuer) -> None:
    if named.rstrip("/") in issuer.accepted(audience) or named in issuer.accepted(audience):
        return
    if named in _GRAPH:
        raise Explained(FOR_GRAPH)
    if named in _VENDOR:
        raise Explained(FOR_VENDOR)
    raise InvalidToken(f"audience {named[:200]!r} is not {audience}")
