"""A local webhook receiver, with or without TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import msgspec
import trustme

from tests.local_http import certified, serving


@dataclass(frozen=True)
class Post:
    """A received request: headers in lower case, and the body."""

    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def id(self) -> str:
        """The message id."""
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:  # any JSON
        """The body as JSON."""
        return msgspec.json.decode(self.content)


@dataclass
class Receiver:
    """Records requests, and responds with the next of ``statuses``, and then with 204."""

    port: int = 0
    scheme: str = "https"
    posts: list[Post] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""

    @property
    def url(self) -> str:
        """The URL of the receiver."""
        return f"{self.scheme}://localhost:{self.port}/hook"


@contextmanager
def receiving(ca: trustme.CA | None, name: str = "localhost") -> Iterator[Receiver]:
    """Run a receiver on a free local port, with a certificate of ``ca`` for ``name``, or without TLS."""
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

    with serving(Handler, certified(ca, name) if ca else None) as receiver.port:
        yield receiver
