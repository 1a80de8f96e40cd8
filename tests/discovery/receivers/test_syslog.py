"""Syslog framings: whatever way messages arrive, each becomes exactly one line."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.receivers.syslog import MAX_MESSAGE_BYTES, Framer, listen, one_line

MESSAGES = st.lists(
    st.binary(min_size=1, max_size=60).filter(
        lambda b: b.strip(b"\r\n\0 ") == b and not any(c in b for c in b"\r\n\0")
    ),
    max_size=8,
).map(lambda parts: [b"<134>" + part for part in parts])


@given(MESSAGES, st.lists(st.booleans(), min_size=8, max_size=8), st.lists(st.integers(1, 40), max_size=30))
def test_messages_survive_any_framing_and_any_cut(messages: list[bytes], counted: list[bool], cuts: list[int]) -> None:
    """Counted and line framing may alternate, and a read may end anywhere: the lines are the messages."""
    wire = b"".join(
        b"%d %s" % (len(message), message) if count else message + b"\n"
        for message, count in zip(messages, counted, strict=False)
    )
    framer, lines = Framer(), b""
    for cut in cuts:
        lines += framer.feed(wire[:cut])
        wire = wire[cut:]
    lines += framer.feed(wire) + framer.finish()
    assert lines.splitlines() == messages


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_break_the_framer(chunks: list[bytes]) -> None:
    """Whatever arrives, only whole lines come out."""
    framer = Framer()
    for chunk in chunks:
        lines = framer.feed(chunk)
        assert not lines or lines.endswith(b"\n")


def test_an_endless_message_is_cut_and_the_next_is_read() -> None:
    """A message without end does not fill the memory."""
    framer = Framer()
    lines = framer.feed(b"x" * MAX_MESSAGE_BYTES)
    assert len(lines) == MAX_MESSAGE_BYTES + 1
    assert framer.feed(b"\nnext\n").splitlines()[-1] == b"next"


def test_line_ends_inside_a_message_become_blanks() -> None:
    """One datagram is one line; an empty one is none."""
    assert one_line(b"<1>a\r\nb\n") == b"<1>a  b\n"
    assert one_line(b"\n") == b""


@pytest.mark.parametrize("receiver", ["syslog-udp", "syslog-tcp", "syslog-tls"])
def test_a_listener_stores_what_is_sent(receiver: str) -> None:
    """A message sent over UDP, TCP or TLS arrives as a line."""
    authority = trustme.CA()
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server_tls)
    client_tls = ssl.create_default_context()
    authority.configure_trust(client_tls)
    assert asyncio.run(_send(receiver, server_tls, client_tls)) == b"<134>one line\n"


async def _send(receiver: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> bytes:
    received: asyncio.Queue[bytes] = asyncio.Queue()
    port = _free_port(receiver)
    close = await listen(receiver, "127.0.0.1", port, received.put_nowait, server_tls)
    if receiver == "syslog-udp":
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port)
        )
        transport.sendto(b"<134>one line\n")
        line = await asyncio.wait_for(received.get(), 10)
        transport.close()
    else:
        tls = client_tls if receiver == "syslog-tls" else None
        _, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None
        )
        writer.write(b"13 <134>one line")
        await writer.drain()
        line = await asyncio.wait_for(received.get(), 10)
        writer.close()
        await writer.wait_closed()
    close()
    await asyncio.sleep(0)
    return line


def _free_port(receiver: str) -> int:
    import socket

    kind = socket.SOCK_DGRAM if receiver == "syslog-udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
