"""Timeouts for connections that send nothing or too slowly."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from opencasb.connection_timeout import TimeoutProtocol
from tests.api.v1.serving import serving

LOOK: float = 0.3
HEAD = b"POST / HTTP/1.1\r\nHost: casb.example\r\n"


class Hasty(TimeoutProtocol):
    """Checks often."""

    seconds: ClassVar[float] = LOOK
    least_bytes: ClassVar[int] = 100


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, and respond with its length after two checks."""
    import asyncio

    with suppress(ClientDisconnect):
        body = await Request(scope, receive).body()
        await asyncio.sleep(2.5 * LOOK)
        await Response(str(len(body)))(scope, receive, send)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that checks often."""
    with serving(slow, Hasty) as found:
        yield found


def said(connection: socket.socket, *pieces: bytes) -> bytes:
    """Return the response to pieces sent with a pause after each, until the server closes."""
    connection.settimeout(5)
    with suppress(ConnectionError):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(LOOK / 3)
    found = b""
    with suppress(ConnectionError):
        while more := connection.recv(4096):
            found += more
            if b"\r\n\r\n" in found:
                break
    return found


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [HEAD],
        [bytes([letter]) for letter in HEAD],
        [HEAD + b"Content-Length: 9\r\n\r\n1"],
        [HEAD + b"Content-Length: 9000\r\n\r\n", *[b"x"] * 20],
    ],
    ids=["nothing", "half a head", "a head by drops", "half a body", "a body by drops"],
)
def test_who_does_not_send_a_request_is_not_waited_for(port: int, pieces: list[bytes]) -> None:
    """The connection is closed without a response."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert said(connection, *pieces) == b""


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD + b"Content-Length: 3\r\n\r\nabc"],
        [HEAD + b"Content-Length: 9000\r\n\r\n", *[b"x" * 450] * 20],
        [HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", b"abc"],
    ],
    ids=["an answer that takes its time", "a long body", "a body that was waited with"],
)
def test_who_waits_for_us_or_sends_enough_is_answered(port: int, pieces: list[bytes]) -> None:
    """The total time does not matter."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert said(connection, *pieces).startswith((b"HTTP/1.1 200", b"HTTP/1.1 100"))
