"""A local website with a certificate from its own CA, and a network in which every name resolves to it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from opencasb.outbound import Network
from tests import local_http

NOW = datetime.now(UTC)  # the real time, because certificates are checked against it
DAY = timedelta(days=1)


@dataclass
class Page:
    """The site's response for a path."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Site:
    """Serves the pages by ``host/path`` or path, 404 otherwise, and records the requests."""

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.addresses: dict[str, list[str]] = {}
        self.port = 0
        self._folder = folder
        self._ca_key, self.ca = _ca()
        (folder / "ca.pem").write_bytes(self.ca.public_bytes(serialization.Encoding.PEM))

    @contextmanager
    def serving(
        self,
        *names: str,
        ends: datetime = NOW + 30 * DAY,
        known: bool = True,
        versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    ) -> Iterator[Network]:
        """Serve with a certificate for ``names`` that expires at ``ends``, from the ``known`` CA or self-signed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version, context.maximum_version = versions
        context.load_cert_chain(self._certificate(names, ends, known=known))
        with local_http.serving(self._handler(), context) as self.port:
            yield self.network()

    def network(self, seconds: float = 60) -> Network:
        """Return a network for this site."""
        return Network(self._resolve, lambda _: True, self.port, self._trust, seconds)

    async def _resolve(self, host: str) -> list[str]:
        return self.addresses.get(host, ["127.0.0.1"])

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._folder / "ca.pem"))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        pages, asked = self.pages, self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host = self.headers["host"]
                asked.append((host, self.path, self.headers["user-agent"]))
                page = pages.get(f"{host}{self.path}") or pages.get(self.path) or Page(404)
                self.send_response(page.status)
                for name, value in page.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(page.body)))
                self.end_headers()
                self.wfile.write(page.body)

        return Handler

    def _certificate(self, names: tuple[str, ...], ends: datetime, *, known: bool) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site")])
        builder = _builder(subject, self.ca.subject if known else subject, key.public_key(), ends)
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False
            )
        made = builder.sign(self._ca_key if known else key, hashes.SHA256())
        path = self._folder / "site.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        return path


def _ca() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test CA")])
    builder = _builder(name, name, key.public_key(), NOW + 365 * DAY)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return key, builder.sign(key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 60 * DAY)
        .not_valid_after(ends)
    )
