"""Syslog listeners over UDP, TCP and TLS.

Framing on a connection is octet counting or one message a line (RFC 6587), told apart message by message. UDP has one
message a datagram. Line ends inside a message become blanks, so that one message is always one line.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from typing import Final

MAX_MESSAGE_BYTES: Final = 1024 * 1024
RECEIVE_BUFFER_BYTES: Final = 16 * 1024 * 1024
"""Asked of the kernel for UDP, where a full buffer means loss; the kernel may give less (net.core.rmem_max)."""

_COUNT: Final = re.compile(rb"(\d{1,7}) (?=<\d{1,3}>)")

Sink = Callable[[bytes], None]
"""Takes whole lines, each ending in a line feed, and has made them durable when it returns."""


class Framer:
    """Cuts the bytes of one connection into lines."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> bytes:
        """Take bytes as they come and return the lines that are complete now."""
        buffer = self._rest + data
        if b"\n" not in data and len(buffer) < MAX_MESSAGE_BYTES and not _COUNT.match(buffer):
            self._rest = buffer
            return b""
        if not _COUNT.match(buffer) and not re.search(rb"\n\d{1,7} <", buffer):  # the common case: no counts at all
            lines, self._rest = _split_lines(buffer)
            return lines
        return self._frames(buffer)

    def finish(self) -> bytes:
        """Return the last line of a closed connection, which needs no line end."""
        rest, self._rest = self._rest, b""
        counted = _COUNT.match(rest)
        return one_line(rest[counted.end() :] if counted else rest)

    def _frames(self, buffer: bytes) -> bytes:
        lines: list[bytes] = []
        while buffer:
            counted = _COUNT.match(buffer)
            if counted:
                end = counted.end() + min(int(counted[1]), MAX_MESSAGE_BYTES)
                if len(buffer) < end:
                    break
                lines.append(one_line(buffer[counted.end() : end]))
                buffer = buffer[end:].lstrip(b"\n")
            else:
                line, separator, rest = buffer.partition(b"\n")
                if not separator and len(buffer) < MAX_MESSAGE_BYTES:
                    break
                lines.append(one_line(line))
                buffer = rest
        self._rest = buffer
        return b"".join(lines)


def one_line(message: bytes) -> bytes:
    """Return a message as exactly one line with its line feed; nothing for an empty message."""
    text = message.strip(b"\r\n\0 ")
    return text.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n" if text else b""


def _split_lines(buffer: bytes) -> tuple[bytes, bytes]:
    if len(buffer) >= MAX_MESSAGE_BYTES and b"\n" not in buffer:
        return one_line(buffer), b""
    complete, separator, rest = buffer.rpartition(b"\n")
    return complete.replace(b"\0", b"") + separator, rest


class Datagrams(asyncio.DatagramProtocol):
    """One message a datagram."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Store one message."""
        del addr
        self._sink(one_line(data))


class Connection(asyncio.Protocol):
    """One TCP or TLS connection; storing before the next read is the back-pressure."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._framer = Framer()

    def data_received(self, data: bytes) -> None:
        """Store the complete lines of ``data``."""
        lines = self._framer.feed(data)
        if lines:
            self._sink(lines)

    def connection_lost(self, exc: Exception | None) -> None:
        """Store the unfinished last line."""
        del exc
        rest = self._framer.finish()
        if rest:
            self._sink(rest)


async def listen(receiver: str, host: str, port: int, sink: Sink, tls: ssl.SSLContext | None) -> Callable[[], None]:
    """Start a listener for ``syslog-udp``, ``syslog-tcp`` or ``syslog-tls``; returns what stops it.

    Raises ``OSError`` when the port cannot be bound.
    """
    loop = asyncio.get_running_loop()
    if receiver == "syslog-udp":
        transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(sink), local_addr=(host, port))
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        return transport.close
    context = tls if receiver == "syslog-tls" else None
    server = await loop.create_server(lambda: Connection(sink), host, port, ssl=context)
    return server.close
