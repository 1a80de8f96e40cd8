"""FTP and FTPS (explicit TLS, RFC 4217) for appliances that send whole files.

A data source with the receiver ``ftps`` may log in, and send, over TLS only. The end of the data connection ends a
file, and a sender that is killed looks just like it (RFC 959 §3.4.1): let senders that can give their files a name in
``.tmp`` or ``.part``, and rename them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from opencasb.discovery.receivers.logins import Logins

if TYPE_CHECKING:
    from pyftpdlib.servers import FTPServer

    from opencasb.settings import Settings

FAILED_SECONDS: Final = 3
"""A wrong password is answered so late."""


class FtpReceiver:
    """The FTP server, in a thread of its own."""

    def __init__(
        self,
        settings: Settings,
        logins: Logins,
        certificate: Callable[[], tuple[Path, Path]],
        *,
        failed_seconds: float = FAILED_SECONDS,
    ) -> None:
        """Show the certificate and key of these files."""
        self._settings = settings
        self._logins = logins
        self._certificate = certificate
        self._failed_seconds = failed_seconds
        self._server: FTPServer | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    @property
    def port(self) -> int:
        """The port that is listened at; 0 if none."""
        return int(self._server.address[1]) if self._server is not None else 0

    async def open(self) -> None:
        """Bind the port and serve. Raises ``OSError``."""
        await asyncio.to_thread(self._open)

    async def close(self) -> None:
        """End all connections; files under way stay for their senders to go on with."""
        await asyncio.to_thread(self._close)

    def _open(self) -> None:
        from pyftpdlib.ioloop import IOLoop
        from pyftpdlib.servers import FTPServer

        _keep_quiet()
        self._server = FTPServer((self._settings.host, self._settings.ftp_port), self._handler(), ioloop=IOLoop())
        self._server.max_cons, self._server.max_cons_per_ip = 1024, 64
        self._thread = threading.Thread(target=self._serve, args=(self._server,), name="ftp", daemon=True)
        self._thread.start()

    def _close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._server = None

    def _handler(self) -> type[Any]:
        """Return the class of connections: pyftpdlib is set up by attributes of classes."""
        from opencasb.discovery.receivers.ftp_session import Authorizer, Control, tls_context

        own = {
            "logins": self._logins,
            "authorizer": Authorizer(self._logins),
            "ssl_context": tls_context(*self._certificate()),
            "certificate": staticmethod(self._certificate),
            "passive_ports": self._settings.passive_ports,
            "masquerade_address": self._settings.ftp_passive_address or None,
            "auth_failed_timeout": self._failed_seconds,
        }
        return type("OwnControl", (Control,), own)

    def _serve(self, server: FTPServer) -> None:
        while not self._stop.is_set():
            server.ioloop.loop(timeout=0.2, blocking=False)  # serve_forever would log a start at each call
        server.close_all()


def _keep_quiet() -> None:
    """Have pyftpdlib log its errors only: it would name every login and file.

    It sets its level back at the start of its first loop, unless its logger has a handler.
    """
    logger = logging.getLogger("pyftpdlib")
    if logging.lastResort is not None:  # what writes to stderr for loggers without a handler
        logger.addHandler(logging.lastResort)
    logger.setLevel(logging.ERROR)
