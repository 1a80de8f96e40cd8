"""Parse the published metadata and keys of an external directory, trusting nothing in them (identity §7.5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64decode

from opencasb.model.delegation import Version
from opencasb.model.trusted_issuer import PUBLIC_CLOUD, TrustedIssuer

T = TypeVar("T")

LARGEST: Final = 256 * 1024
"""Maximum size of a document in bytes; those of the public cloud have some 10,000."""
MOST_KEYS: Final = 100
SHORTEST_BITS: Final = 2048
LONGEST_BITS: Final = 8192
TOKEN_SERVICES: Final[Mapping[str, str]] = {
    PUBLIC_CLOUD: "sts.windows.net",
    "login.microsoftonline.us": "sts.windows.net",
    "login.partner.microsoftonline.cn": "sts.chinacloudapi.cn",
}
"""Maps an authority to the host in the issuer of v1.0 tokens, where the two differ."""


class BadDocument(ValueError):
    """A published document is unusable; the message says why."""


class Metadata(msgspec.Struct, frozen=True):
    """The fields we use of an OpenID configuration."""

    issuer: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class KeySet:
    """The issuers that a directory signs as, and its keys by id."""

    issuers: frozenset[str]
    keys: Mapping[str, RSAKey]


class _Jwk(msgspec.Struct, frozen=True):
    kty: str = ""
    kid: str | None = None
    use: str | None = None
    alg: str | None = None
    n: str = ""
    e: str = ""
    issuer: str | None = None


class _JwkSet(msgspec.Struct, frozen=True):
    keys: list[_Jwk]


def issuers_of(issuer: TrustedIssuer) -> frozenset[str]:
    """Return the conventional issuers of both token versions, for directories whose metadata cannot be read."""
    service = TOKEN_SERVICES.get(issuer.authority, issuer.authority)
    return frozenset({f"https://{service}/{issuer.issuer}/", f"https://{issuer.authority}/{issuer.issuer}/v2.0"})


def metadata_url(issuer: TrustedIssuer, version: Version) -> str:
    """Return the URL of a directory's OpenID configuration."""
    infix = "/v2.0" if version == 2 else ""
    return f"https://{issuer.authority}/{issuer.issuer}{infix}/.well-known/openid-configuration"


def read_metadata(content: bytes, issuer: TrustedIssuer, version: Version) -> Metadata:
    """Parse an OpenID configuration. Raises :class:`BadDocument` unless it is that of the directory.

    The v2.0 issuer must be at the authority (OpenID Connect Discovery §4.3); the v1.0 issuer has a host of its own and
    must name the directory. Keys are read from the authority only.
    """
    found = _decoded(content, Metadata)
    named = found.issuer.replace("{tenantid}", issuer.issuer)
    host = issuer.authority if version == 2 else _address(named)[1]
    if named != f"https://{host}/{issuer.issuer}/{'v2.0' if version == 2 else ''}":
        raise BadDocument(f"its issuer {found.issuer[:200]!r} is not that of the directory {issuer.issuer}")
    if _address(found.jwks_uri)[:2] != ("https", issuer.authority):
        raise BadDocument(f"its keys are not at https://{issuer.authority}: {found.jwks_uri[:200]!r}")
    return Metadata(named, found.jwks_uri)


def read_keys(content: bytes, issuers: Collection[str]) -> dict[str, RSAKey]:
    """Return the RSA keys of a JWK set that sign for one of ``issuers``. Raises :class:`BadDocument` if there are none.

    Only a key's modulus and exponent are used; embedded certificates and URLs are ignored.
    """
    found = _decoded(content, _JwkSet).keys
    if len(found) > MOST_KEYS:
        raise BadDocument(f"it has {len(found)} keys; at most {MOST_KEYS} are read")
    usable: dict[str, RSAKey] = {}
    for each in found:
        key = _usable(each, issuers)
        if key is not None and each.kid:
            usable.setdefault(each.kid, key)
    if not usable:
        raise BadDocument("it has no RSA key of this issuer for signatures")
    return usable


def _usable(jwk: _Jwk, issuers: Collection[str]) -> RSAKey | None:
    if jwk.kty != "RSA" or jwk.use not in {None, "sig"} or jwk.alg not in {None, "RS256", "PS256"}:
        return None
    if jwk.issuer is not None and not _signs_for(jwk.issuer, issuers):
        return None
    try:
        bits = int.from_bytes(urlsafe_b64decode(jwk.n.encode())).bit_length()
        if not SHORTEST_BITS <= bits <= LONGEST_BITS:
            return None
        return RSAKey.import_key({"kty": "RSA", "n": jwk.n, "e": jwk.e})
    except (JoseError, ValueError):
        return None


def _signs_for(named: str, issuers: Collection[str]) -> bool:
    """Return whether the ``issuer`` of a key, which may have a placeholder for the directory, is one of ours."""
    tenants = {_address(issuer)[2].split("/")[1] for issuer in issuers}
    return any(named.replace("{tenantid}", tenant) in issuers for tenant in tenants)


def _address(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", "/"
    return parts.scheme, parts.netloc.lower(), parts.path or "/"


def _decoded(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadDocument(f"it is not of the expected form: {error}") from None
