"""TLS of the server: a certificate made on this machine, or the operator's own (identity §4)."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from opencasb.identity.local_ca import CA_FILE, ensure_certificate


class Tls:
    """The certificate of the server, and the context that serves it.

    ``names`` are host names and addresses beside the loopback ones; ``certificate`` and ``key`` are PEM files of the
    operator's own certificate, which then replaces the local one.
    """

    def __init__(
        self,
        data: Path,
        clock: Callable[[], int],
        *,
        names: Sequence[str] = (),
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        self._data = data
        self._clock = clock
        self._names = names
        self._certificate = certificate
        self._key = key

    @property
    def authority(self) -> Path | None:
        """The CA certificate that clients have to trust; None where the operator brought a certificate."""
        return None if self._certificate else self._data / CA_FILE

    def ensure(self) -> tuple[Path, Path]:
        """Return the files of the certificate and its key; the local ones are made or renewed when they have to be.

        Raises ``ValueError`` naming the setting when the operator's files are missing or do not fit each other.
        """
        if self._certificate is None and self._key is None:
            return ensure_certificate(self._data, self._names, self._clock)
        if self._certificate is None or self._key is None:
            raise ValueError("tls_certificate and tls_key belong together: set both or none")
        try:
            _context().load_cert_chain(self._certificate, self._key, password=_no_password)
        except (OSError, ssl.SSLError) as error:
            files = f"tls_certificate {str(self._certificate)!r} and tls_key {str(self._key)!r}"
            raise ValueError(f"{files} cannot be used: {error}") from error
        return self._certificate, self._key

    def server_context(self) -> ssl.SSLContext:
        """Return the context to serve with, the same one at every call."""
        return self._serving

    def renew(self) -> None:
        """Renew the certificate if it is due and serve new connections with what the files hold now; call it daily."""
        self._serving.load_cert_chain(*self.ensure(), password=_no_password)

    @cached_property
    def _serving(self) -> ssl.SSLContext:
        context = _context()
        context.load_cert_chain(*self.ensure(), password=_no_password)
        return context


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _no_password() -> str:
    return ""  # without an answer OpenSSL would ask at the terminal for the password of an encrypted key
