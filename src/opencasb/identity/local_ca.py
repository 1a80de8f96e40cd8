"""A private CA and a server certificate, generated on this machine (identity §4).

``<data>/tls`` holds the keys and certificates, ``<data>/ca.pem`` is the CA certificate for clients to trust. Name
constraints limit the CA to the names it was made for, so that trusting it endangers no other host.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from opencasb.identity.keyfiles import write_private

ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
"""Names and addresses included in every server certificate."""
CA_FILE: Final = "ca.pem"
LEAF_LIFETIME: Final = timedelta(days=396)
RENEW_BEFORE: Final = timedelta(days=30)
CA_LIFETIME: Final = timedelta(days=3650)
_HOST_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9])?")
_SKEW = timedelta(hours=1)
"""How far certificates are backdated, for clients whose clock is slow."""


def ensure_certificate(
    data: Path, names: Iterable[str], clock: Callable[[], int], *, title: str = "OpenCASB local CA"
) -> tuple[Path, Path]:
    """Return the files of a certificate and of its key, for ``names`` and the loopback names.

    The certificate is valid for at least 30 more days. Whatever is missing, expiring, or made for other names is
    regenerated and the rest is left alone, so a daily call takes care of renewal. A CA that may not sign for a new name
    is replaced: clients then have to trust the new ``ca.pem``, whose name begins with ``title``. Raises ``ValueError``
    for a name that is neither a host name nor an address.
    """
    wanted = [_general_name(name) for name in dict.fromkeys((*ALWAYS, *names))]
    now = datetime.fromtimestamp(clock() / 1000, UTC)
    folder = data / "tls"
    certificate, key = folder / "server.pem", folder / "server.key"
    authority = _load(folder / "ca.pem", folder / "ca.key")
    if authority is None or not _may_sign(authority[0], wanted, now):
        authority = _new_authority(wanted, now, title)
        _store(folder / "ca.pem", folder / "ca.key", *authority)
    leaf = _load(certificate, key)
    if leaf is None or not _is_good(leaf[0], authority[0], wanted, now):
        _store(certificate, key, *_new_leaf(authority, wanted, now))
    _publish(data / CA_FILE, authority[0])
    return certificate, key


_Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def _general_name(name: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        ascii_name = name.lower().encode("idna").decode()
    except UnicodeError:
        ascii_name = ""
    if not _HOST_NAME.fullmatch(ascii_name):
        raise ValueError(f"{name!r} is neither a host name nor an IP address")
    return x509.DNSName(ascii_name)


def _constraint(name: x509.GeneralName) -> x509.GeneralName:
    if isinstance(name, x509.IPAddress):
        assert isinstance(name.value, ipaddress.IPv4Address | ipaddress.IPv6Address)  # noqa: S101 - of _general_name
        return x509.IPAddress(ipaddress.ip_network(name.value))
    return x509.DNSName(str(name.value).removeprefix("*."))


def _new_authority(names: Iterable[x509.GeneralName], now: datetime, title: str) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    # A distinct name per CA, so that clients that trust an older one do not confuse them.
    subject = _subject(f"{title} {now:%Y-%m-%d %H:%M:%S}")
    builder = _builder(subject, subject, key.public_key(), now, CA_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_key_usage(sign_certificates=True), critical=True)
    permitted = list(dict.fromkeys(_constraint(name) for name in names))
    builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
    return builder.sign(key, hashes.SHA256()), key


def _new_leaf(authority: _Pair, names: Iterable[x509.GeneralName], now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority[0]
    builder = _builder(_subject("OpenCASB"), issuer.subject, key.public_key(), now, LEAF_LIFETIME)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_key_usage(sign_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    reference = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    return builder.add_extension(reference, critical=False).sign(authority[1], hashes.SHA256()), key


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime, lifetime: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
    builder = builder.not_valid_before(now - _SKEW).not_valid_after(now + lifetime)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _may_sign(authority: x509.Certificate, names: Iterable[x509.GeneralName], now: datetime) -> bool:
    permitted = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    covers = all(_constraint(name) in permitted for name in names)
    return covers and authority.not_valid_after_utc > now + LEAF_LIFETIME


def _is_good(
    leaf: x509.Certificate, authority: x509.Certificate, names: Iterable[x509.GeneralName], now: datetime
) -> bool:
    carried = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    try:
        leaf.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError):
        return False
    return set(carried) == set(names) and leaf.not_valid_after_utc > now + RENEW_BEFORE


def _load(certificate: Path, key: Path) -> _Pair | None:
    try:
        private = serialization.load_pem_private_key(key.read_bytes(), None)
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError):  # absent or damaged: regenerated
        return None
    fits = isinstance(private, ec.EllipticCurvePrivateKey) and private.public_key() == loaded.public_key()
    return (loaded, private) if fits else None  # type: ignore[return-value]  # narrowed in the line above


def _store(
    certificate_file: Path, key_file: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> None:
    plain = serialization.NoEncryption()
    write_private(key_file, key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    write_private(certificate_file, certificate.public_bytes(serialization.Encoding.PEM))


def _publish(path: Path, authority: x509.Certificate) -> None:
    content = authority.public_bytes(serialization.Encoding.PEM)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
