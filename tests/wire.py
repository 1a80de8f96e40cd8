"""Requests to an ASGI application in the same process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.types import ASGIApp, Message

FORM = "application/x-www-form-urlencoded"


def send(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    address: str = "192.0.2.1",
    base: str = "https://localhost:8443",
    **body: Any,  # what httpx takes: content, data, json, params
) -> httpx.Response:
    """Send a request to ``app`` as if from ``address``."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, headers=headers, **body)

    return asyncio.run(exchange())


async def exchange(
    app: ASGIApp,
    method: str,
    path: str,
    query: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    receive: Callable[[], Message],
) -> list[Message]:
    """Send a raw request, such as no client library would send, and return the messages of the response."""
    sent: list[Message] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.encode(), text.encode("latin-1")) for name, text in (headers or {}).items()],
        "client": ("192.0.2.1", 4711),
        "server": ("localhost", 8443),
    }

    async def received() -> Message:
        return receive()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, received, send)
    return sent


def left() -> Message:
    """Act as a caller who has disconnected."""
    return {"type": "http.disconnect"}


def with_body(content: bytes) -> Callable[[], Message]:
    """Act as a caller who sends this body."""
    return lambda: {"type": "http.request", "body": content, "more_body": False}


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:  # any JSON
        """Return the body."""
        return json.loads(self.content)


def answer_in(sent: list[Message]) -> Answer:
    """Combine the messages of a response."""
    headers: dict[str, str] = {}
    for name, text in ((name.decode("latin-1"), text.decode("latin-1")) for name, text in sent[0]["headers"]):
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return Answer(sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:]))
