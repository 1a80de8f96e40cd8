"""Listeners: messages over UDP, TCP and TLS arrive as lines, and a full sink is not overrun."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme

from opencasb.discovery.receivers import syslog
from opencasb.discovery.receivers.syslog import Listener, kernel_drops, listener
from tests.server import free_port

LINE = b"<134>one line\n"


class Lines:
    """A sink that stores lines and may be full."""

    def __init__(self) -> None:
        self.full = False
        self.came = asyncio.Event()
        self.lines = b""
        self.drops: Counter[str] = Counter()
        self.works = True

    def is_full(self, sender: str) -> bool:
        """Whether this machine has to wait."""
        assert sender == "127.0.0.1"
        return self.full

    def take(self, sender: str, lines: bytes) -> bool:
        """Store lines from this machine."""
        assert sender == "127.0.0.1"
        self.lines += lines if self.works else b""
        self.came.set()
        return self.works

    def offer(self, sender: str, lines: bytes) -> None:
        """Store lines, or count them as dropped."""
        if self.full or not self.take(sender, lines):
            self.drop(sender, lines.count(b"\n"))

    def drop(self, sender: str, messages: int) -> None:
        """Count drops."""
        self.drops[sender] += messages
        self.came.set()

    async def wait(self, size: int) -> bytes:
        """Wait for this many bytes, and return them."""
        async with asyncio.timeout(30):
            while len(self.lines) < size:
                self.came.clear()
                await self.came.wait()
        return self.lines


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A CA of the test."""
    return trustme.CA()


def contexts(authority: trustme.CA, *, demanding: bool = False) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server and a client that trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    if demanding:
        server.verify_mode = ssl.CERT_REQUIRED
        authority.configure_trust(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


@asynccontextmanager
async def listening(
    receiver: str = "syslog-tcp", tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Lines, int, Listener]]:
    """Listen on a port with a sink."""
    sink, port = Lines(), free_port()
    opened = listener(receiver, "127.0.0.1", port, sink, tls)
    await opened.open()
    yield sink, port, opened
    opened.close()


@asynccontextmanager
async def connected(
    port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a listener."""
    name = "localhost" if tls else None
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname=name)
    yield reader, writer
    writer.close()
    with suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()


@pytest.mark.parametrize("receiver", ["syslog-udp", "syslog-tcp", "syslog-tls"])
def test_a_listener_stores_what_is_sent(receiver: str, authority: trustme.CA) -> None:
    """A message sent over UDP, TCP or TLS arrives as a line."""
    server, client = contexts(authority)

    async def work() -> bytes:
        async with listening(receiver, server) as (sink, port, _):
            if receiver == "syslog-udp":
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.sendto(LINE, ("127.0.0.1", port))
                    return await sink.wait(len(LINE))
            async with connected(port, client if receiver == "syslog-tls" else None) as (_, writer):
                writer.write(b"13 " + LINE.strip())
                return await sink.wait(len(LINE))

    assert asyncio.run(work()) == LINE


def test_a_listener_may_ask_for_certificates(authority: trustme.CA, tmp_path: Path) -> None:
    """A client with a certificate from the CA may send; one without is rejected, and its data ignored."""
    server, with_none = contexts(authority, demanding=True)
    _, with_one = contexts(authority)
    authority.issue_cert("appliance.example").configure_cert(with_one)

    async def work() -> bytes:
        async with listening("syslog-tls", server) as (sink, port, _):
            async with connected(port, with_none) as (reader, writer):
                writer.write(b"<134>nobody\n")
                refused = (ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)
                with pytest.raises(refused):  # in TLS 1.3 the rejection follows the handshake
                    await reader.readexactly(1)
                writer.transport.abort()
            async with connected(port, with_one) as (_, writer):
                writer.write(LINE)
                return await sink.wait(len(LINE))

    assert asyncio.run(work()) == LINE


def test_a_full_sink_makes_connections_wait() -> None:
    """Nothing is read while the sink is full, and nothing is lost afterwards."""
    wire = LINE * 2_000_000  # more than the buffers at both ends

    async def work() -> bytes:
        async with listening() as (sink, port, opened), connected(port) as (_, writer):
            writer.write(LINE)
            await sink.wait(len(LINE))
            sink.full = True
            opened.resume()
            writer.write(wire)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(writer.drain(), 0.05)
            assert len(sink.lines) < len(wire)
            sink.full = False
            opened.resume()
            return await sink.wait(len(wire) + len(LINE))

    assert asyncio.run(work()) == LINE + wire


@pytest.mark.parametrize("turns", [0, 1, 3, 4, 5])  # at 2 Python itself leaves it to its garbage collector (gh-109564)
def test_a_listener_that_closes_keeps_no_connection_that_came_last(turns: int) -> None:
    """Whether it was accepted, created or announced when the port closed, its sender sees the end and reconnects."""

    async def work() -> bytes:
        number, sink = free_port(), Lines()
        opened = listener("syslog-tcp", "127.0.0.1", number, sink)
        await opened.open()
        with socket.create_connection(("127.0.0.1", number)) as client:
            for _ in range(turns):
                await asyncio.sleep(0)
            opened.close()
            client.setblocking(False)
            async with asyncio.timeout(10):
                with suppress(ConnectionResetError):
                    return await asyncio.get_running_loop().sock_recv(client, 1)
                return b""

    assert asyncio.run(work()) == b""


def test_a_sink_that_fails_ends_the_connection() -> None:
    """The sender sees that its lines are not stored, and can send them again."""

    async def work() -> bytes:
        async with listening() as (sink, port, _), connected(port) as (reader, writer):
            sink.works = False
            writer.write(LINE)
            try:
                return await asyncio.wait_for(reader.read(), 30)
            except ConnectionResetError:
                return b""
            finally:
                writer.transport.abort()

    assert asyncio.run(work()) == b""


def test_messages_that_never_end_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection beyond the limit ends; short messages and those begun earlier arrive, and there is room later."""
    monkeypatch.setattr(syslog, "MOST_HELD", 150_000)
    long = b"<134>" + b"x" * 100_000

    async def work() -> tuple[bytes, int]:
        async with listening() as (sink, port, _), asyncio.timeout(30), connected(port) as (_, early):
            early.write(long)
            await early.drain()
            while syslog.Connection.held_by_all < len(long):  # noqa: ASYNC110 -- it has no event
                await asyncio.sleep(0.001)
            async with connected(port) as (reader, late):
                late.write(long)
                with suppress(ConnectionError):
                    assert await reader.read() == b""
            async with connected(port) as (_, short):
                short.write(LINE)
                await sink.wait(len(LINE))
                early.write(b"\n")
                await sink.wait(len(LINE) + len(long) + 1)
                short.write(long + b"\n")
                return await sink.wait(len(LINE) + 2 * len(long) + 2), sink.drops["127.0.0.1"]

    assert asyncio.run(work()) == (LINE + 2 * (long + b"\n"), 1)
    assert syslog.Connection.held_by_all == 0


@pytest.mark.parametrize(
    ("rest", "end", "line", "drops"),
    [
        (b"<134>last", "close", b"<134>last\n", 0),
        (b"<134>half", "reset", b"", 1),
        (b"17 <134>half", "close", b"", 1),
        (b"17 <134>half", "reset", b"", 1),
        (b"\r", "reset", b"", 0),
        (b"<134>behind", "refusal", b"", 1),
    ],
)
def test_the_rest_of_a_connection_counts_where_it_is_a_whole_message(
    rest: bytes, end: str, line: bytes, drops: int
) -> None:
    """Otherwise the sender sends it again, and it counts as one dropped message."""

    async def work() -> tuple[bytes, int]:
        async with listening() as (sink, port, opened), asyncio.timeout(30):
            with socket.create_connection(("127.0.0.1", port)) as sender:
                sink.works = end != "refusal"
                sender.sendall(LINE + rest)
                await sink.came.wait()
                if end == "reset":
                    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            while opened._connections:  # type: ignore[attr-defined]  # noqa: ASYNC110 -- it has no event
                await asyncio.sleep(0.001)
            return sink.lines, sink.drops["127.0.0.1"]

    assert asyncio.run(work()) == (b"" if end == "refusal" else LINE + line, drops)


def test_datagrams_without_room_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those rejected by a full sink, and those dropped by the kernel."""
    monkeypatch.setattr(syslog, "RECEIVE_BUFFER_BYTES", 4096)

    async def work() -> tuple[int, int, int]:
        async with listening("syslog-udp") as (sink, port, opened):
            sink.full = True
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(100):
                    sender.sendto(b"<1>" + b"x" * 1000, ("127.0.0.1", port))
            async with asyncio.timeout(30):
                await sink.came.wait()
            dropped, again = opened.dropped(), opened.dropped()
            opened.close()
            return sink.drops["127.0.0.1"], dropped, again

    refused, dropped, again = asyncio.run(work())
    assert refused > 0
    assert refused + dropped == 100
    assert again == 0


def test_a_socket_of_which_the_kernel_tells_nothing_has_no_drops() -> None:
    """On other systems, and for a closed socket."""
    closed = socket.socket()
    closed.close()
    assert kernel_drops(closed) == 0
