"""An application that redirects its visitors to another of its origins, like single sign-on behind a gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class _Home(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><html lang=en><title>Home</title><h1>Home of the application</h1></html>")

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def application() -> Iterator[tuple[str, str]]:
    """Run it; yields its redirect URI and the target of its redirect."""
    home = ThreadingHTTPServer(("localhost", 0), _Home)

    class Callback(_Home):
        def do_GET(self) -> None:
            self.send_response(303)
            self.send_header("Location", f"http://localhost:{home.server_port}/")
            self.end_headers()

        do_POST = do_GET  # noqa: N815

    callback = ThreadingHTTPServer(("localhost", 0), Callback)
    servers = (home, callback)
    for server in servers:
        Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{callback.server_port}/", f"http://localhost:{home.server_port}/"
    for server in servers:
        server.shutdown()
        server.server_close()
