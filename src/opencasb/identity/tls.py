"""TLS of the server: a locally generated certificate, or the operator's own (identity §4)."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from opencasb.identity.host_alias import ALIASES, LAB_FOLDER, is_alias
from opencasb.identity.local_ca import CA_FILE, ensure_certificate
from opencasb.setting_values import WrongSettings

if TYPE_CHECKING:
    from opencasb.settings import Settings


class Tls:
    """The certificate of the server, and the SSL context that serves it.

    The operator's own certificate (setting ``tls_certificate``) replaces the local one. With ``host_alias``, clients
    that request an upstream host name are served a certificate of a separate CA (identity §4), which nobody has to
    trust for anything else.
    """

    def __init__(self, settings: Settings, clock: Callable[[], int]) -> None:
        self._settings = settings
        self._clock = clock
        self._syslog: dict[Path | None, ssl.SSLContext] = {}
        self._newest: dict[ssl.SSLContext, ssl.SSLContext] = {}
        """Maps each context handed out to the one it now serves with."""

    @property
    def authority(self) -> Path | None:
        """The CA certificate that clients have to trust; None if the operator brought a certificate."""
        return None if self._settings.tls_certificate else self._settings.data / CA_FILE

    def ensure(self) -> tuple[Path, Path]:
        """Return the files of the certificate and its key, generating or renewing the local ones if necessary.

        Raises ``WrongSettings`` if a name is invalid, or the operator's files are missing or do not match.
        """
        certificate, key = self._settings.tls_certificate, self._settings.tls_key
        if certificate is None and key is None:
            return self._made()
        if certificate is None or key is None:
            missing, other = ("tls_key", "tls_certificate") if certificate else ("tls_certificate", "tls_key")
            raise WrongSettings(f"setting {missing}: it belongs to {other}, set both or none")
        _check_files(certificate, key)
        return certificate, key

    def _made(self) -> tuple[Path, Path]:
        try:
            return ensure_certificate(self._settings.data, self._settings.served_names, self._clock)
        except ValueError as error:
            raise WrongSettings(f"setting tls_names or public_url: {error}") from None

    def server_context(self) -> ssl.SSLContext:
        """Return the context to serve with, the same one on every call."""
        return self._serving

    def syslog_context(self, clients: Path | None) -> ssl.SSLContext:
        """Return the context for syslog senders; with a PEM file of CAs, they must present a certificate of one.

        It issues no session tickets: a sender that only writes never reads them, and closing a socket with unread bytes
        resets the connection, which destroys what it sent last.

        Raises ``ValueError`` if the file cannot be used.
        """
        if clients not in self._syslog:
            context = self._handed_out(clients)
            context.num_tickets = 0
            self._syslog[clients] = context
        return self._syslog[clients]

    def renew(self) -> None:
        """Renew certificates that are due, and serve new connections with the current files; call it hourly."""
        if self._settings.host_alias:
            self._lab.load_cert_chain(*self._ensure_lab(), password=_no_password)
        for clients, context in ((None, self._serving), *self._syslog.items()):
            self._newest[context] = self._loaded(clients)

    @cached_property
    def _serving(self) -> ssl.SSLContext:
        if self._settings.host_alias:
            _ = self._lab  # creates the lab CA before the first client asks, so that it can be trusted
        return self._handed_out(None)

    def _handed_out(self, clients: Path | None) -> ssl.SSLContext:
        context = self._loaded(clients)
        self._newest[context] = context
        context.sni_callback = self._choose
        return context

    def _loaded(self, clients: Path | None) -> ssl.SSLContext:
        """Return a new context: reloading one would keep the old certificate beside the new one.

        OpenSSL keeps one RSA and one elliptic-curve certificate, and serves whichever the client prefers.
        """
        context = _context()
        context.load_cert_chain(*self.ensure(), password=_no_password)
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            try:
                context.load_verify_locations(clients)
            except (OSError, ssl.SSLError) as error:
                raise ValueError(f"the CAs of clients in {str(clients)!r} cannot be used: {error}") from error
        return context

    def _choose(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        """Serve a connection, with or without SNI, from the newest context, or from the lab's."""
        as_lab = self._settings.host_alias and context is self._serving and name is not None and is_alias(name)
        connection.context = self._lab if as_lab else self._newest[context]

    @cached_property
    def _lab(self) -> ssl.SSLContext:
        context = _context()
        context.load_cert_chain(*self._ensure_lab(), password=_no_password)
        return context

    def _ensure_lab(self) -> tuple[Path, Path]:
        return ensure_certificate(self._settings.data / LAB_FOLDER, ALIASES, self._clock, title="OpenCASB lab CA")


def _check_files(certificate: Path, key: Path) -> None:
    for setting, path in (("tls_certificate", certificate), ("tls_key", key)):
        try:
            path.open("rb").close()
        except OSError as error:
            raise WrongSettings(f"setting {setting}: {error.strerror} (got {str(path)!r})") from None
    try:
        _context().load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ssl.SSLError) as error:
        allowed = "allowed: a PEM chain, and as tls_key its PEM key without a password"
        given = f"got {str(certificate)!r} and {str(key)!r}"
        raise WrongSettings(f"setting tls_certificate: {allowed}; {error} ({given})") from error


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _no_password() -> str:
    return ""  # otherwise OpenSSL would prompt at the terminal for the password of an encrypted key
