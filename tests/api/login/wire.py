"""Talking to an ASGI application, in process and over TLS."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from opencasb.identity.tls import Tls

FORM = "application/x-www-form-urlencoded"


def send(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    address: str = "192.0.2.1",
    **body: Any,  # what httpx takes: content, data, params
) -> httpx.Response:
    """Send one request to ``app`` as if from ``address``."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
            return await client.request(method, path, headers=headers, **body)

    return asyncio.run(exchange())


@contextmanager
def free_port() -> Iterator[socket.socket]:
    """Bind a free port of the loopback interface."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


@contextmanager
def serving(app: ASGIApp, bound: socket.socket, tls: Tls) -> Iterator[None]:
    """Serve ``app`` with TLS at the port of ``bound`` until the block ends."""
    certificate, key = tls.ensure()
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_level="error",
        ssl_certfile=str(certificate),
        ssl_keyfile=str(key),
        timeout_graceful_shutdown=1,  # a client that never says goodbye is waited for half a minute otherwise
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    assert server.ready.wait(60)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()


class _Server(uvicorn.Server):
    """A server that tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self.ready.set()


class RequestLog:
    """An ASGI wrapper that remembers the requests that passed through it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.seen: list[str] = []

    async def __call__(self, scope: Any, receive: Callable[..., Any], send: Callable[..., Any]) -> None:  # ASGI's types
        """Note the request and pass it on."""
        self.seen.append(f"{scope['method']} {scope['path']}")
        await self.app(scope, receive, send)
