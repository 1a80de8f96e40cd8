"""Rules for the redirects and certificates an application may register (identity §5.1, §9)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Final, cast, get_args

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from opencasb.model.application import Application
from opencasb.model.base64url import unpadded
from opencasb.model.permissions import Permission
from opencasb.model.registration import Certificate, Redirect, RedirectKind, RequestedPermission
from opencasb.model.tenant import Tenant
from opencasb.store.registrations import Registrations

MOST_REDIRECTS: Final = 256
LONGEST_REDIRECT: Final = 256
LARGEST_CERTIFICATE: Final = 64 * 1024
"""Maximum size of an uploaded file in bytes."""
LEAST_RSA_BITS: Final = 2048
KINDS: Final[tuple[str, ...]] = get_args(RedirectKind)

_LOOPBACK = re.compile(r"(http://(?:localhost|127\.0\.0\.1))(?::[0-9]{1,5})?(?=[/?]|\Z)/?")
_HTTPS = re.compile(r"https://(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?].*)?")
_WRITTEN = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()+,;=%-]+")  # RFC 3986 without fragments and wildcards
_CURVES = ("secp256r1",)  # the curve of ES256


def matches(registered: str, given: str) -> bool:
    """Return whether ``given`` matches the redirect ``registered``: equal, except for the port of a loopback address.

    A native program listens on whatever port is free (RFC 8252 §7.3), and may write the empty path of such an address
    with or without a slash.
    """
    return given == registered or (
        _LOOPBACK.match(registered) is not None and _portless(given) == _portless(registered)
    )


def checked_redirect(kind: str, uri: str) -> Redirect:
    """Validate a redirect and return it. Raises ``ValueError`` saying what is allowed."""
    if kind not in KINDS:
        raise ValueError(f"redirect kind {kind!r} is unknown; the kinds are: {', '.join(KINDS)}")
    if not 1 <= len(uri) <= LONGEST_REDIRECT:
        raise ValueError(f"redirect {uri[:300]!r} must have 1 to {LONGEST_REDIRECT} characters")
    if not _WRITTEN.fullmatch(uri):
        raise ValueError(f"redirect {uri!r} must be an address in ASCII without fragment (#), wildcard (*) and spaces")
    if not (_LOOPBACK.match(uri) or _HTTPS.fullmatch(uri)):
        raise ValueError(f"redirect {uri!r} must begin with https:// and a host, http://localhost or http://127.0.0.1")
    return Redirect(cast("RedirectKind", kind), uri)


def read_certificate(content: bytes, *, description: str, now: int) -> Certificate:
    """Return the stored form of an uploaded certificate, in PEM or DER; ``now`` is in ms.

    Raises ``ValueError`` for anything else, for a private key in the file, an expired certificate or a weak key.
    """
    if len(content) > LARGEST_CERTIFICATE:
        raise ValueError(f"a certificate file has at most {LARGEST_CERTIFICATE} bytes, this one has {len(content)}")
    if b"PRIVATE KEY-----" in content:
        raise ValueError("the file holds a private key: keep it, and register the certificate alone")
    certificate = _parsed(content)
    expires = _milliseconds(certificate.not_valid_after_utc.timestamp())
    if expires <= now:
        raise ValueError(f"the certificate expired at {certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%SZ}")
    return Certificate(
        key_id=str(uuid.uuid4()),
        description=description,
        sha1=_thumbprint(certificate, hashes.SHA1()),  # noqa: S303 -- that is what x5t is
        sha256=_thumbprint(certificate, hashes.SHA256()),
        pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        not_before=_milliseconds(certificate.not_valid_before_utc.timestamp()),
        expires=expires,
        created=now,
    )


class Registrar:
    """The registrations of applications; only the home tenant may change them (else ``ValueError``)."""

    def __init__(self, registrations: Registrations, clock: Callable[[], int]) -> None:
        self._registrations = registrations
        self._clock = clock

    def redirects(self, application: Application) -> list[Redirect]:
        """Return the registered redirects in the order they were added."""
        return self._registrations.redirects(application.home_tenant_id, application.client_id)

    def redirect(self, application: Application, given: str) -> Redirect | None:
        """Return the registered redirect that ``given`` matches, or None: then nothing may be sent there."""
        return next((each for each in self.redirects(application) if matches(each.uri, given)), None)

    def is_redirect_in(self, tenant: Tenant, given: str) -> bool:
        """Return whether ``given`` matches a redirect of any application that a tenant knows."""
        return any(matches(each.uri, given) for each in self._registrations.redirects_known_in(tenant.tenant_id))

    def add_redirect(self, application: Application, kind: str, uri: str, *, by: str) -> Redirect:
        """Register a redirect, or change the kind of an existing one. Raises ``ValueError``."""
        made = checked_redirect(kind, uri)
        if not self._registrations.add_redirect(*_own(application), made, limit=MOST_REDIRECTS, by=by):
            raise ValueError(f"an application has at most {MOST_REDIRECTS} redirects")
        return made

    def remove_redirect(self, application: Application, uri: str, *, by: str) -> bool:
        """Remove a redirect; return whether it existed."""
        return self._registrations.remove_redirect(*_own(application), uri, by=by)

    def delegated(self, application: Application) -> list[Permission]:
        """Return the delegated permissions that the application is configured with."""
        return [each.permission for each in self.requested(application) if each.kind == "delegated"]

    def certificates(self, application: Application) -> list[Certificate]:
        """Return the certificates, including expired ones."""
        return self._registrations.certificates(application.home_tenant_id, application.client_id)

    def add_certificate(
        self, application: Application, content: bytes, *, description: str = "", by: str
    ) -> Certificate:
        """Register a certificate, given as PEM or DER. Raises ``ValueError``, or ``Conflict`` if already registered."""
        made = read_certificate(content, description=description, now=self._clock())
        self._registrations.add_certificate(*_own(application), made, by=by)
        return made

    def remove_certificate(self, application: Application, key_id: str, *, by: str) -> bool:
        """Remove a certificate; return whether it existed."""
        return self._registrations.remove_certificate(*_own(application), key_id, by=by)

    def requested(self, application: Application) -> list[RequestedPermission]:
        """Return the permissions that the application is configured to request."""
        return self._registrations.requested(application.home_tenant_id, application.client_id)

    def add_requested(self, application: Application, permissions: Sequence[RequestedPermission], *, by: str) -> None:
        """Add requested permissions; they have no effect until somebody consents."""
        self._registrations.add_requested(*_own(application), permissions, by=by)

    def set_requested(self, application: Application, permissions: Iterable[RequestedPermission], *, by: str) -> None:
        """Replace the requested permissions with ``permissions``; existing grants stay."""
        wanted, asked = set(permissions), set(self._registrations.requested(*_own(application)))
        for gone in sorted(asked - wanted):
            self.remove_requested(application, gone, by=by)
        if wanted - asked:
            self.add_requested(application, sorted(wanted - asked), by=by)

    def remove_requested(self, application: Application, permission: RequestedPermission, *, by: str) -> bool:
        """Remove a requested permission; existing grants stay. Returns whether it was requested."""
        return self._registrations.remove_requested(*_own(application), permission, by=by)


def _own(application: Application) -> tuple[int, str]:
    if not application.at_home:
        raise ValueError(
            f"application {application.client_id!r} is registered in another tenant, which alone changes it"
        )
    return application.tenant_id, application.client_id


def _portless(uri: str) -> str:
    return _LOOPBACK.sub(r"\1/", uri, count=1)


def _parsed(content: bytes) -> x509.Certificate:
    try:
        pem = b"-----BEGIN" in content
        certificate = x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content)
        key = certificate.public_key()
    except Exception as error:  # the parser raises many types
        raise ValueError("the file is not an X.509 certificate in PEM or DER") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
        return certificate
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return certificate
    raise ValueError(f"the key of a certificate must be RSA of {LEAST_RSA_BITS} bits or more, or EC on the curve P-256")


def _thumbprint(certificate: x509.Certificate, algorithm: hashes.HashAlgorithm) -> str:
    return unpadded(certificate.fingerprint(algorithm))


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
