"""The metadata of an external OpenID provider, and the ID tokens it signs (OpenID Connect Core §3.1.3.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64decode

from opencasb.identity.errors import InvalidToken
from opencasb.identity.trust.documents import BadDocument

LEEWAY: Final = 300
"""Accepted clock skew in seconds."""
_HTTPS: Final = re.compile(r"https://[!-~]+")
_REGISTRY: Final = jws.JWSRegistry(algorithms=["RS256", "PS256"], strict_check_header=False)


class Configuration(msgspec.Struct, frozen=True):
    """The fields we use of a provider's OpenID configuration."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Header(msgspec.Struct, frozen=True):
    alg: Literal["RS256", "PS256"]
    kid: str
    crit: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class IdClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that decisions depend on; others are ignored. Times are seconds since the epoch."""

    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: int | float
    iat: int | float
    nonce: str
    azp: str = ""
    idp: str = ""
    oid: str = ""
    upn: str = ""
    preferred_username: str = ""
    email: str = ""
    email_verified: bool | str = False
    amr: tuple[str, ...] = ()

    def name(self, claim: str) -> str:
        """Return the user name, or an empty string if none is reliable.

        An email address counts only if the provider has verified it, and any name only if the provider itself vouches
        for the user (no other ``idp``).
        """
        verified = self.email if self.email_verified in {True, "true"} else ""
        names = {"upn": self.upn, "preferred_username": self.preferred_username, "email": verified}
        found = "" if self.idp not in {"", self.iss} else names.get(claim, "")
        return found if found.isprintable() else ""


def read_configuration(content: bytes, issuer: str) -> Configuration:
    """Parse a provider's configuration. Raises :class:`BadDocument` unless it is that of ``issuer`` and all HTTPS."""
    try:
        found = msgspec.json.decode(content, type=Configuration)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadDocument(f"it is not of the expected form: {error}") from None
    if found.issuer != issuer:
        raise BadDocument(f"its issuer is {found.issuer[:200]!r}")
    addresses = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    if not all(_HTTPS.fullmatch(address) for address in addresses):
        raise BadDocument("its addresses do not all begin with https:// and consist of visible ASCII characters")
    return found


def check_id_token(
    token: str, keys: Mapping[str, RSAKey], now: int, *, issuer: str, client_id: str, nonce: str
) -> IdClaims:
    """Return the claims of an ID token of ``issuer`` for ``client_id``, issued for the sign-in with this ``nonce``.

    ``now`` is in ms. Raises :class:`InvalidToken` for any invalid text.
    """
    try:
        header = msgspec.json.decode(urlsafe_b64decode(token.partition(".")[0].encode()), type=_Header)
        key = keys.get(header.kid)
        if key is None or header.crit is not msgspec.UNSET:
            raise InvalidToken(f"unknown key {header.kid[:64]!r}, or a header that is not understood")
        verified = jws.deserialize_compact(token, key, registry=_REGISTRY)
        claims = msgspec.json.decode(verified.payload or b"", type=IdClaims)
    except (JoseError, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise InvalidToken(str(error)) from error
    if (claims.iss, claims.nonce) != (issuer, nonce) or not (claims.sub and claims.sub.isprintable()):
        raise InvalidToken("another issuer, another sign-in, or nobody")
    audiences = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
    if client_id not in audiences or (claims.azp or client_id) != client_id or (len(audiences) > 1 and not claims.azp):
        raise InvalidToken("meant for another client")
    if claims.exp <= now / 1000 - LEEWAY or claims.iat > now / 1000 + LEEWAY:
        raise InvalidToken("outside its time of validity")
    return claims
