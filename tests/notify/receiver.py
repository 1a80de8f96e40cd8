"""A receiver of webhooks on a local port, with TLS or without."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import trustme


@dataclass(frozen=True)
class Post:
    """What came: the headers in lower case, and the bytes."""

    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def id(self) -> str:
        """The id of the message."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:  # any JSON
        """The content as JSON."""
        return msgspec.json.decode(self.content)


@dataclass
class Receiver:
    """Remembers what came, and answers with the next of ``statuses``, at last and without any with 204."""

    port: int = 0
    scheme: str = "https"
    posts: list[Post] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"{self.scheme}://localhost:{self.port}/hook"


@contextmanager
def receiving(ca: trustme.CA | None, name: str = "localhost") -> Iterator[Receiver]:
    """Run a receiver on a free local port, with a certificate of ``ca`` for ``name``, or in clear text."""
    receiver = Receiver(scheme="https" if ca else "http")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            headers = {key.lower(): value for key, value in self.headers.items()}
            receiver.posts.append(Post(self.path, headers, content))
            self.send_response_only(receiver.statuses.pop(0) if receiver.statuses else 204)
            if receiver.location:
                self.send_header("location", receiver.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that does not trust us hangs up
    if ca is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(name).configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
