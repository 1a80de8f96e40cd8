"""FTP and FTPS (explicit TLS, RFC 4217) for appliances that send whole files.

Data sources with the receiver ``ftps`` may log in and send over TLS only. The end of the data connection ends a file,
which is indistinguishable from a killed sender (RFC 959 §3.4.1): senders that can should use a name in ``.tmp`` or
``.part`` and rename the file afterwards.
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
"""Delay before a wrong password is answered."""


class FtpReceiver:
    """The FTP server, in its own thread."""

    def __init__(
        self,
        settings: Settings,
        logins: Logins,
        certificate: Callable[[], tuple[Path, Path]],
        *,
        failed_seconds: float = FAILED_SECONDS,
    ) -> None:
        """Use the certificate and key in the files that ``certificate`` names."""
        self._settings = settings
        self._logins = logins
        self._certificate = certificate
        self._failed_seconds = failed_seconds
        self._server: FTPServer | None = None
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    @property
    def port(self) -> int:
        """The port being listened on; 0 if none."""
        return int(self._server.address[1]) if self._server is not None else 0

    async def open(self) -> None:
        """Bind the port and serve. Raises ``OSError``."""
        await asyncio.to_thread(self._open)

    async def close(self) -> None:
        """End all connections; files in transfer stay so that their senders can resume them."""
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
        """Return the connection class: pyftpdlib is configured through class attributes."""
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
    """Make pyftpdlib log errors only: it would log every login and file.

    It resets its level at the start of its first loop, unless its logger has a handler.
    """
    logger = logging.getLogger("pyftpdlib")
    if logging.lastResort is not None:  # the handler that writes to stderr for loggers without one
        logger.addHandler(logging.lastResort)
    logger.setLevel(logging.ERROR)
