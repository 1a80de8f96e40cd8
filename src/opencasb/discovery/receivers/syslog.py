"""Syslog listeners over UDP (RFC 5426), TCP (RFC 6587) and TLS (RFC 5425)."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import sys
from contextlib import suppress
from typing import ClassVar, Final, Protocol, cast

from opencasb.discovery.receivers.framing import Framer, datagram_lines

RECEIVE_BUFFER_BYTES: Final = 16 * 1024 * 1024
"""Receive buffer requested for UDP, where a full one means loss; the kernel may give less (net.core.rmem_max)."""

MOST_DATAGRAMS: Final = 1024
"""Datagrams read before others get their turn."""

MOST_HELD: Final = 256 * 1024 * 1024
"""Bytes of incomplete messages held for all connections; each of them alone may hold a message of the largest size."""

HELD_ANYWAY: Final = 16 * 1024
"""Bytes that a connection may hold even so: packets seldom end where a message does."""

_LONGEST_DATAGRAM: Final = 65_535

_SO_MEMINFO: Final = 55
_MEMINFO: Final = struct.Struct("9I")
"""What Linux (4.12) reports about a socket; the last number is its drops. Looking it up in ``/proc/net/udp`` takes time
proportional to the number of sockets, for each of them."""


class Sink(Protocol):
    """Destination of received lines."""

    def is_full(self, sender: str) -> bool:
        """Whether it cannot take more from an address for now."""

    def take(self, sender: str, lines: bytes) -> bool:
        """Make whole lines from an address durable; return False if that failed and the sender must be told."""

    def offer(self, sender: str, lines: bytes) -> None:
        """Make those of the whole lines from an address durable that have room, and count the others as dropped."""

    def drop(self, sender: str, messages: int) -> None:
        """Count messages that were not taken."""


class Listener:
    """A port being listened on."""

    async def open(self) -> None:
        """Bind the port. Raises ``OSError``."""
        raise NotImplementedError

    def resume(self) -> None:
        """Resume reading if the sink has room again."""

    def dropped(self) -> int:
        """Return how many datagrams the kernel has dropped since the last call."""
        return 0

    def close(self) -> None:
        """Stop listening."""
        raise NotImplementedError


class DatagramListener(Listener):
    """A UDP port; everything pending is read at once."""

    def __init__(self, host: str, port: int, sink: Sink) -> None:
        self._address = (host, port)
        self._sink = sink
        self._socket: socket.socket | None = None
        self._dropped = 0

    async def open(self) -> None:
        """Bind the port."""
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            self._socket.bind(self._address)
        except OSError:
            self._socket.close()
            raise
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read, self._socket)

    def dropped(self) -> int:
        """Return how many datagrams the kernel has dropped since the last call."""
        if self._socket is None:
            return 0
        total = kernel_drops(self._socket)
        new, self._dropped = total - self._dropped, total
        return new

    def close(self) -> None:
        """Read what is pending, and close."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._read(self._socket)
            self._socket.close()
            self._socket = None

    def _read(self, opened: socket.socket) -> None:
        came: dict[str, list[bytes]] = {}
        for _ in range(MOST_DATAGRAMS):
            try:
                data, address = opened.recvfrom(_LONGEST_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:  # a late error about an earlier response; we send none
                continue
            came.setdefault(address[0], []).extend(datagram_lines(data))
        for sender, lines in came.items():
            if lines:
                self._sink.offer(sender, b"".join(lines))


class Connection(asyncio.Protocol):
    """One TCP or TLS connection; storing before the next read provides back-pressure."""

    held_by_all: ClassVar[int] = 0

    def __init__(self, sink: Sink, opened: set[Connection], closed: asyncio.Event) -> None:
        """Belong to ``opened`` while connected; close at once if the port was ``closed`` meanwhile."""
        self._sink = sink
        self._opened = opened
        self._closed = closed
        self._framer = Framer()
        self._sender = ""
        self._was_refused = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the sender, and enable keep-alive to detect a dead one."""
        self._transport = cast("asyncio.Transport", transport)
        self._sender = (transport.get_extra_info("peername") or ("",))[0]
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._opened.add(self)
        if self._closed.is_set():
            self.close()
        self.wait()

    def data_received(self, data: bytes) -> None:
        """Store the complete lines of ``data``; if that fails, abort the connection to let the sender know.

        The same if there is no more room for what is incomplete: senders need no password, and may never go on.
        """
        before = self._framer.held
        lines = self._framer.feed(data)
        held = self._framer.held
        Connection.held_by_all += held - before
        is_refused = bool(lines) and not self._sink.take(self._sender, lines)
        is_too_much = held > HELD_ANYWAY and Connection.held_by_all > MOST_HELD
        if (is_refused or is_too_much) and self._transport is not None:
            self._was_refused = True
            self._transport.abort()
        self.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Store the last line if it is complete; after a reset that is unknown, and the sender may send it again."""
        self._opened.discard(self)
        Connection.held_by_all -= self._framer.held
        if not self._framer.has_rest:
            return
        rest = b"" if exc or self._was_refused else self._framer.finish()
        if not rest or not self._sink.take(self._sender, rest):
            self._sink.drop(self._sender, 1)

    def wait(self) -> None:
        """Stop reading while the sink is full, so that the sender's own queue fills."""
        if self._sink.is_full(self._sender) and self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Resume reading if the sink has room again."""
        if self._transport is None or self._transport.is_closing() or self._sink.is_full(self._sender):
            return
        self._transport.resume_reading()

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()


class StreamListener(Listener):
    """A TCP port, with TLS if there is a context."""

    def __init__(self, host: str, port: int, sink: Sink, tls: ssl.SSLContext | None) -> None:
        self._address = (host, port)
        self._sink = sink
        self._tls = tls
        self._connections: set[Connection] = set()
        self._closed = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Bind the port."""
        loop = asyncio.get_running_loop()
        host, port = self._address
        self._server = await loop.create_server(
            lambda: Connection(self._sink, self._connections, self._closed), host, port, ssl=self._tls, backlog=1024
        )

    def resume(self) -> None:
        """Resume reading if the sink has room again."""
        for connection in self._connections:
            connection.resume()

    def close(self) -> None:
        """Accept no more connections, and close the open ones."""
        self._closed.set()
        if self._server is not None:
            self._server.close()
        for connection in [*self._connections]:
            connection.close()


def listener(receiver: str, host: str, port: int, sink: Sink, tls: ssl.SSLContext | None = None) -> Listener:
    """Return a listener for ``syslog-udp``, ``syslog-tcp`` or ``syslog-tls``, not yet opened."""
    if receiver == "syslog-udp":
        return DatagramListener(host, port, sink)
    return StreamListener(host, port, sink, tls if receiver == "syslog-tls" else None)


def kernel_drops(opened: socket.socket) -> int:
    """Return how many datagrams the kernel dropped on a socket; 0 if it does not say."""
    if sys.platform != "linux":
        return 0
    with suppress(OSError, struct.error):
        *_, drops = _MEMINFO.unpack(opened.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))
        return int(drops)
    return 0
