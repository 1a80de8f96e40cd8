"""Timeouts for connections that send nothing or too slowly, on a clock of the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from opencasb.connection_timeout import TimeoutProtocol

HEAD = b"POST / HTTP/1.1\r\nHost: casb.example\r\n"
ENOUGH = b"x" * TimeoutProtocol.least_bytes
LENGTH = b"Content-Length: %d\r\n\r\n" % (20 * len(ENOUGH))


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time a test advances."""

    ahead = 0.0

    def time(self) -> float:
        """Return seconds."""
        return super().time() + self.ahead


class Wire(asyncio.Transport):
    """A connection that remembers what was answered."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = b""
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take a part of the answer."""
        self.answer += bytes(data)

    def close(self) -> None:
        """Note the end."""
        self.is_closed = True

    def is_closing(self) -> bool:
        """Return whether the server has closed the connection."""
        return self.is_closed

    def pause_reading(self) -> None:
        """Send nothing more for a while."""

    def resume_reading(self) -> None:
        """Go on sending."""


class Caller:
    """A client that sends pieces; the server reads its body once ``is_served`` is set."""

    def __init__(self, loop: Loop) -> None:
        self.is_served = asyncio.Event()
        self.wire = Wire()
        config = uvicorn.Config(self._app, interface="asgi3", log_config=None)
        config.load()
        state = uvicorn.Server(config).server_state
        self._loop = loop
        self._protocol = TimeoutProtocol(config=config, server_state=state, app_state={}, _loop=loop)
        self._protocol.connection_made(self.wire)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.is_served.wait()
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        await Response(str(len(body)))(scope, receive, send)

    async def send(self, piece: bytes) -> None:
        """Send a piece, unless the connection is closed."""
        if not self.wire.is_closed:
            self._protocol.data_received(piece)
        await self.turn()

    async def wait(self, checks: int = 1) -> None:
        """Wait for some checks of the connection."""
        for _ in range(checks):
            self._loop.ahead += TimeoutProtocol.seconds
            await self.turn()

    async def leave(self) -> None:
        """Close the connection from this side."""
        self.is_served.set()
        self._protocol.connection_lost(None)
        await self.turn()

    async def turn(self) -> None:
        """Let the server do what it can."""
        for _ in range(20):
            await asyncio.sleep(0)


def talk(work: Callable[[Caller], Awaitable[None]]) -> tuple[bytes, bool]:
    """Run a client's part of a conversation; return what was answered, and whether the server closed the connection."""

    async def whole() -> tuple[bytes, bool]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        caller = Caller(loop)
        await work(caller)
        said = caller.wire.answer, caller.wire.is_closed
        await caller.leave()
        return said

    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(whole())


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [HEAD],
        [bytes([letter]) for letter in HEAD],
        [HEAD + LENGTH + b"x"],
        [HEAD + LENGTH, *[ENOUGH[1:]] * 20],
        [HEAD + LENGTH + ENOUGH, ENOUGH],
    ],
    ids=["nothing", "half a head", "a head by drops", "half a body", "a body by drops", "a body that stops"],
)
def test_who_does_not_send_a_request_is_not_waited_for(pieces: list[bytes]) -> None:
    """The connection is closed without a response."""

    async def work(caller: Caller) -> None:
        caller.is_served.set()
        for piece in pieces:
            await caller.send(piece)
            await caller.wait()
        await caller.wait(2)

    assert talk(work) == (b"", True)


def test_a_long_body_may_take_as_long_as_it_does() -> None:
    """With enough bytes between two checks, the total time does not matter."""

    async def work(caller: Caller) -> None:
        caller.is_served.set()
        await caller.send(HEAD + LENGTH)
        await caller.wait()  # it may begin after the first check
        for _ in range(20):
            await caller.send(ENOUGH)
            await caller.wait()

    assert talk(work)[0].endswith(b"\r\n\r\n%d" % (20 * len(ENOUGH)))


@pytest.mark.parametrize(
    ("first", "rest"),
    [
        (HEAD + b"Content-Length: 3\r\n\r\nabc", b""),
        (HEAD + LENGTH + ENOUGH * 19, ENOUGH),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", b"abc"),
    ],
    ids=["the whole body has come", "we read no more of it", "we have not asked for it"],
)
def test_who_waits_for_us_is_answered(first: bytes, rest: bytes) -> None:
    """However long the server takes."""

    async def work(caller: Caller) -> None:
        await caller.send(first)
        await caller.wait(5)
        caller.is_served.set()
        await caller.turn()  # it reads what has come
        if rest:
            await caller.send(rest)

    assert b"HTTP/1.1 200 OK\r\n" in talk(work)[0]
