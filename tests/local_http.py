"""An HTTP server for tests on a free local port, with or without TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trustme


class _Quiet:
    def log_message(self, *_: object) -> None:
        """Log nothing; the default writes to standard error."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore errors: a client that does not trust the certificate hangs up."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve with a handler while the block runs, in clear text without a context; yields the port."""
    with _Server(("127.0.0.1", 0), type("Quiet", (_Quiet, handler), {})) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def certified(ca: trustme.CA, name: str) -> ssl.SSLContext:
    """Return a server context with a certificate from ``ca`` for ``name``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)
    return context


def name_this_machine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a name lead to this machine, as one does that points into a server's own network."""
    resolve = socket.getaddrinfo

    def known(host: str | bytes | None, *others: Any, **named: Any) -> Any:  # of the resolver
        return resolve("127.0.0.1" if host == name else host, *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", known)
