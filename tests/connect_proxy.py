"""An HTTP proxy on this machine, of which every tunnel leads to one local port, whatever host is asked for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler

import pytest

from tests.local_http import serving


@contextmanager
def proxying(port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Have the environment name a proxy to a local port; yields the hosts and ports that were asked for."""
    asked = list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            with socket.create_connection(("127.0.0.1", port)) as behind:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_pass_on, args=(behind, self.connection), daemon=True)
                back.start()
                _pass_on(self.connection, behind)
                back.join()

    for name in ("ALL_PROXY", "NO_PROXY", "all_proxy", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(Handler) as own:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{own}")
        yield asked


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(65536):
            other.sendall(content)
        other.shutdown(socket.SHUT_WR)
