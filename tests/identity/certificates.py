"""Self-signed certificates for tests, with small keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.conftest import NOW
from tests.identity.standin import spare_key

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certificate(key: PrivateKey | None = None, *, days: int = 30, at: int = NOW) -> x509.Certificate:
    """Return a certificate that is valid from a day before ``at`` (ms) to ``days`` after it."""
    pair = key or spare_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    now = datetime.fromtimestamp(at / 1000, UTC)
    builder = x509.CertificateBuilder(name, name, pair.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=days))
    return builder.sign(pair, hashes.SHA256())


def private_key(key: PrivateKey | None = None) -> bytes:
    """Return a private key as PEM."""
    return (key or spare_key()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
