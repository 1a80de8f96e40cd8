"""A real server on loopback, for behaviour visible only on the wire."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from opencasb.api.v1.reason_phrase import PhrasingProtocol
from opencasb.listening import LOOPBACK, _listener


class _Server(uvicorn.Server):
    """A server that signals when it is listening."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and signal it."""
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def serving(app: ASGIApp, protocol: type[PhrasingProtocol] = PhrasingProtocol) -> Iterator[int]:
    """Serve ``app`` like the product does, without TLS, and yield the port."""
    with _listener(socket.AF_INET, (LOOPBACK, 0)) as bound:
        server = _Server(uvicorn.Config(app, http=protocol, ws="none", lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        assert server.ready.wait(10)
        try:
            yield bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()
