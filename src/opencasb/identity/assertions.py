"""Client assertions: a JWT signed with a registered certificate's key, used instead of a secret (identity §5.1)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import urlsafe_b64decode

from opencasb.identity.errors import OAuthError
from opencasb.model.registration import Certificate
from opencasb.store.used_assertions import UsedAssertions

TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LEEWAY: Final = 300
"""Accepted clock skew of a client, in seconds."""
LONGEST: Final = 24 * 3600
"""Longest validity of an assertion, in seconds."""
_LARGEST: Final = 32 * 1024
_RSA: Final = ["RS256", "PS256"]
_EC: Final = ["ES256"]


class _Header(msgspec.Struct, frozen=True):
    alg: Literal["RS256", "PS256", "ES256"]
    x5t_s256: str = msgspec.field(name="x5t#S256", default="")
    x5t: str = ""
    kid: str = ""
    crit: None = None  # we support no critical extensions


class _Claims(msgspec.Struct, frozen=True):
    iss: str
    sub: str
    aud: str | tuple[str, ...]
    exp: float
    nbf: float = 0.0
    iat: float = 0.0
    jti: str = ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A parsed but not yet verified assertion. ``client_id`` is its ``sub``.

    ``signed`` is the signing input that ``signature`` covers.
    """

    signed: bytes
    signature: bytes
    client_id: str
    header: _Header
    claims: _Claims


def read(text: str) -> Assertion:
    """Parse an assertion without verifying it. Raises 50012, or 50048 if ``iss`` and ``sub`` differ."""
    try:
        if len(text) > _LARGEST or not text.isascii():
            raise ValueError("too long, or not ASCII")
        head, payload, signature = text.encode().split(b".")
        header = msgspec.json.decode(_decoded(head), type=_Header)
        claims = msgspec.json.decode(_decoded(payload), type=_Claims)
        read = Assertion(head + b"." + payload, _decoded(signature), claims.sub, header, claims)
    except (ValueError, JoseError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise OAuthError(50012, f"The client assertion is malformed: {str(error)[:200]}.") from error
    if claims.iss != claims.sub:
        raise OAuthError(50048, "The claims 'iss' and 'sub' of the client assertion must both be the client id.")
    return read


def _decoded(part: bytes) -> bytes:
    return urlsafe_b64decode(part.rstrip(b"="))  # one library pads the parts and signs them padded


class Assertions:
    """Verifies assertions against the certificates of their application."""

    def __init__(self, used: UsedAssertions, clock: Callable[[], int]) -> None:
        self._used = used
        self._clock = clock

    def check(
        self,
        assertion: Assertion,
        certificates: Collection[Certificate],
        audiences: Collection[str],
        *,
        tenant_id: int,
    ) -> Certificate:
        """Return the certificate whose key signed the assertion; a ``jti`` identifies exactly one assertion.

        The client may resend the same assertion until it expires, because libraries cache one for some minutes.
        ``audiences`` are the accepted values of ``aud``. Raises 700027 (no such certificate, or signature mismatch) and
        50012 (audience, validity, or a ``jti`` reused for another assertion).
        """
        certificate = _named(assertion.header, certificates)
        now = self._clock()
        if certificate is None or not certificate.not_before <= now < certificate.expires:
            raise OAuthError(700027, "The assertion was not signed with a registered certificate that is valid now.")
        _verify(assertion, certificate)
        self._check_claims(assertion.claims, audiences)
        if assertion.claims.jti:
            self._keep(assertion, tenant_id)
        return certificate

    def _keep(self, assertion: Assertion, tenant_id: int) -> None:
        identifier = hashlib.sha256(assertion.claims.jti.encode()).hexdigest()
        whole = hashlib.sha256(assertion.signed + b"." + assertion.signature).hexdigest()
        expires = int((assertion.claims.exp + LEEWAY) * 1000)
        if not self._used.keep(tenant_id, assertion.client_id.lower(), identifier, whole, expires):
            raise OAuthError(50012, "The identifier (jti) of the client assertion is that of another one.")

    def _check_claims(self, claims: _Claims, audiences: Collection[str]) -> None:
        now = self._clock() / 1000
        named = (claims.aud,) if isinstance(claims.aud, str) else claims.aud
        meant = {each.partition("?")[0] for each in named}  # adal for Go appends the query of its request
        if meant.isdisjoint(audiences):
            raise OAuthError(50012, "The client assertion is meant for another audience than this token endpoint.")
        if not now - LEEWAY < claims.exp < now + LONGEST + LEEWAY:
            raise OAuthError(50012, "The client assertion has expired, or is valid for longer than a day.")
        if claims.nbf > now + LEEWAY or claims.iat > now + LEEWAY:
            raise OAuthError(50012, "The client assertion is not valid yet.")


def _named(header: _Header, certificates: Collection[Certificate]) -> Certificate | None:
    """Return the certificate that the header names; a certificate embedded in the header is never trusted."""
    by_sha256, by_sha1, by_id = (_plain(each) for each in (header.x5t_s256, header.x5t, header.kid))
    for certificate in certificates:
        if by_sha256:
            found = hmac.compare_digest(certificate.sha256.encode(), by_sha256.encode())
        elif by_sha1:
            found = hmac.compare_digest(certificate.sha1.encode(), by_sha1.encode())
        else:
            found = by_id in {certificate.key_id, certificate.sha256, certificate.sha1}
            found = found or by_id.lower() == _hex(certificate)
        if found:
            return certificate
    return None


def _plain(thumbprint: str) -> str:
    """Return a thumbprint as we store it: MSAL for Go uses the standard instead of the URL-safe base64 alphabet."""
    return thumbprint.rstrip("=").replace("+", "-").replace("/", "_")


def _hex(certificate: Certificate) -> str:
    return urlsafe_b64decode(certificate.sha1.encode()).hex()


def _verify(assertion: Assertion, certificate: Certificate) -> None:
    public = x509.load_pem_x509_certificate(certificate.pem.encode()).public_key()
    key: RSAKey | ECKey
    if isinstance(public, rsa.RSAPublicKey):
        algorithms, key = _RSA, RSAKey.import_key(public)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        algorithms, key = _EC, ECKey.import_key(public)
    else:
        raise OAuthError(700027, "The registered certificate has a key of a kind that cannot sign assertions.")
    try:
        algorithm = jws.JWSRegistry(algorithms=algorithms).get_alg(assertion.header.alg)
        valid = algorithm.verify(assertion.signed, assertion.signature, key)
    except (JoseError, ValueError):
        valid = False
    if not valid:
        raise OAuthError(700027, "The signature of the client assertion is not that of the certificate.")
