"""The certificate that a host presents, and the TLS versions that it supports."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

from opencasb.outbound import Network, OutboundError

if TYPE_CHECKING:
    from cryptography import x509

VERSIONS: Final = {
    "tls1_0": ssl.TLSVersion.TLSv1,
    "tls1_1": ssl.TLSVersion.TLSv1_1,
    "tls1_2": ssl.TLSVersion.TLSv1_2,
    "tls1_3": ssl.TLSVersion.TLSv1_3,
}
"""The versions that can be measured, oldest first, keyed by the values of the factor ``encryption_protocol``."""


class Shown(NamedTuple):
    """A certificate: whether its chain is currently trusted, whether it names the host, and its expiry (ms UTC)."""

    trusted: bool
    named: bool
    expires: int


async def oldest_version(network: Network, host: str, address: str) -> str | None:
    """Return the oldest TLS version that a host still supports, or None if it supports none."""
    for word, version in VERSIONS.items():
        context = _unverified()
        with warnings.catch_warnings():  # old versions are deprecated, which is why they are probed
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
        with contextlib.suppress(OutboundError):
            await _handshake(network, host, address, context)
            return word
    return None


async def shown_certificate(network: Network, host: str, address: str) -> Shown:
    """Return the properties of a host's certificate. Raises :class:`OutboundError` if it presents none."""
    from cryptography import x509

    context = _unverified()
    der = await _handshake(network, host, address, context)
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = _names(certificate)
        expires = int(certificate.not_valid_after_utc.timestamp() * 1000)
    except ValueError as error:
        raise OutboundError(f"{host}: its certificate cannot be read: {error}"[:300]) from None
    return Shown(await _is_trusted(network, host, address), any(matches(host, name) for name in names), expires)


async def _is_trusted(network: Network, host: str, address: str) -> bool:
    context = network.trust()
    context.check_hostname = False
    try:
        await _handshake(network, host, address, context)
    except OutboundError as error:
        if isinstance(error.__cause__, ssl.SSLCertVerificationError):
            return False
        raise
    return True


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the certificate is only inspected; nothing is sent or trusted
    return context


async def _handshake(network: Network, host: str, address: str, context: ssl.SSLContext) -> bytes:
    """Complete a TLS handshake and return the certificate (DER). Raises :class:`OutboundError` with its cause."""
    try:
        async with asyncio.timeout(network.seconds):
            _, writer = await asyncio.open_connection(address, network.port, ssl=context, server_hostname=host)
    except (OSError, TimeoutError) as error:
        await asyncio.sleep(0)  # an abandoned connection closes its socket in the next iteration
        raise OutboundError(f"{host}: {type(error).__name__}: {error}"[:300]) from error
    try:
        return writer.get_extra_info("ssl_object").getpeercert(binary_form=True) or b""
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _names(certificate: x509.Certificate) -> Iterable[str]:
    from cryptography import x509

    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return extension.value.get_values_for_type(x509.DNSName)


def matches(host: str, name: str) -> bool:
    """Return whether a certificate name covers a host; a wildcard is the whole first label (RFC 6125)."""
    host, name = host.lower().rstrip("."), name.lower().rstrip(".")
    if name.startswith("*."):
        return name.count(".") > 1 and "." in host and host.partition(".")[2] == name[2:]
    return host == name
