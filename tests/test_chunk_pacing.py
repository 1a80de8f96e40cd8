"""A body of tiny chunks does not keep other requests waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.server import ServerState

from opencasb.chunk_pacing import CHUNKS_AT_ONCE
from opencasb.connection_timeout import TimeoutProtocol

HEAD = b"POST / HTTP/1.1\r\nHost: casb.example\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK, END = b"1\r\nx\r\n", b"0\r\n\r\n"
NEXT = b"GET / HTTP/1.1\r\nHost: casb.example\r\n\r\n"
READ = HEAD + CHUNK * 40_000
"""What one read may bring."""


class Wire(asyncio.Transport):
    """A connection whose other end is the test."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.sent = b""
        self.closed = False

    def pause_reading(self) -> None:
        """Stop reading."""
        self.reading = False

    def resume_reading(self) -> None:
        """Read on."""
        self.reading = True

    def write(self, data: Any) -> None:  # as in asyncio
        """Keep what is sent."""
        self.sent += data

    def is_closing(self) -> bool:
        """Return whether it is closed."""
        return self.closed

    def close(self) -> None:
        """Close it."""
        self.closed = True


def connected(app: ASGIApp) -> tuple[TimeoutProtocol, Wire]:
    """Return a connection to an application."""
    config = uvicorn.Config(app, http=TimeoutProtocol, ws="none", log_config=None)
    config.load()
    protocol, wire = TimeoutProtocol(config=config, server_state=ServerState(), app_state={}), Wire()
    protocol.connection_made(wire)
    return protocol, wire


async def until(reached: Callable[[], bool]) -> None:
    """Give turns to others until something is reached."""
    for _ in range(1000):
        if reached():
            return
        await asyncio.sleep(0)
    raise AssertionError


def test_a_body_of_tiny_chunks_is_parsed_in_many_turns() -> None:
    """Nothing more is read meanwhile; the next request on the connection is answered, too."""
    sizes = list[int]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async for piece in Request(scope, receive).stream():
            sizes.append(len(piece))
        await Response(str(sum(sizes)))(scope, receive, send)

    async def turns() -> None:
        protocol, wire = connected(app)
        protocol.data_received(READ)
        for _ in range(5):
            await asyncio.sleep(0)
            assert not wire.reading
        assert 0 < sum(sizes) <= 6 * CHUNKS_AT_ONCE
        await until(lambda: wire.reading)
        protocol.data_received(END + NEXT)
        await until(lambda: wire.sent.count(b"HTTP/1.1 200") == 2)
        assert wire.sent.count(b"40000") == 2

    asyncio.run(turns())
    assert max(sizes) == CHUNKS_AT_ONCE


def test_an_application_that_takes_nothing_stops_the_reading() -> None:
    """The chunks would pile up; once it takes them, the reading goes on."""
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        await Response(str(len(await Request(scope, receive).body())))(scope, receive, send)

    async def turns() -> None:
        protocol, wire = connected(app)
        protocol.data_received(HEAD + CHUNK * (HIGH_WATER_LIMIT + 1))
        await until(lambda: len(protocol.cycle.body) > HIGH_WATER_LIMIT)
        for _ in range(5):
            await asyncio.sleep(0)
            assert not wire.reading
        go.set()
        await until(lambda: wire.reading)
        protocol.data_received(END)
        await until(lambda: wire.sent.endswith(b"65537"))

    asyncio.run(turns())


def test_an_early_answer_does_not_end_the_connection() -> None:
    """The rest of its body is passed over."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"early")(scope, receive, send)

    async def turns() -> None:
        protocol, wire = connected(app)
        protocol.data_received(READ + END + NEXT)
        await until(lambda: wire.sent.count(b"early") == 2)
        assert wire.reading

    asyncio.run(turns())


def test_a_connection_that_is_lost_is_left() -> None:
    """Without an error, and without parsing on."""
    seen = list[str]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            seen.append(message["type"])
            if message["type"] == "http.disconnect":
                return

    async def turns() -> None:
        protocol, wire = connected(app)
        protocol.data_received(READ)
        await asyncio.sleep(0)
        protocol.connection_lost(None)
        for _ in range(5):
            await asyncio.sleep(0)
        assert wire.closed

    asyncio.run(turns())
    assert seen[-1] == "http.disconnect"
    assert len(seen) < 5
