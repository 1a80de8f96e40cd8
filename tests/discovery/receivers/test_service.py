"""The receivers of a server: what they accepted is queued, however they end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from opencasb.app import Casb
from opencasb.discovery.receivers.lock import receiver_lock
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding
from opencasb.store.uploads import Upload
from tests.discovery.formats.appliance_lines import MCAFEE, MCAFEE_HEAD
from tests.discovery.queue import run_next
from tests.discovery.receivers.running import LINES, add, connected, receiving, until
from tests.server import free_port

MAIN = (
    '2025-11-20 12:00:{0:02} 57 10.0.0.2 joe - - OBSERVED "Web Mail" - 200 TCP_NC_MISS GET text/html https'
    ' www.box.com 443 /a ?b html "Agent/1.0" 10.9.9.9 1037 617 -\n'
)


def queued(casb: Casb) -> list[tuple[str, str, bytes]]:
    """Lease every queued upload; return origin, file name and content."""
    found: list[Upload] = list(iter(lambda: casb.uploads.lease("me"), None))
    return [(each.origin, each.filename, casb.intake.file(each).read_bytes()) for each in found]


async def send(port: int, lines: bytes, sender: str = "127.0.0.1") -> None:
    """Send lines over TCP as soon as the port listens; return when the server has read them all."""
    reader, writer = await connected(port, sender)
    async with asyncio.timeout(30):
        writer.write(lines)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


def test_lines_are_queued_when_the_server_ends(casb: Casb) -> None:
    """Lines received just before are queued, not left with the receiver."""
    port = free_port()
    add(casb, "edge", receiver="syslog-tcp", port=port)

    async def work() -> None:
        async with receiving(casb):
            await send(port, LINES)
            assert queued(casb) == []

    asyncio.run(work())
    assert queued(casb) == [("syslog", "syslog", LINES)]


def test_one_server_of_a_data_directory_receives(casb: Casb) -> None:
    """Another one leaves ports and journals alone, logs this once, and takes over when the first has ended."""
    port = free_port()
    stream = add(casb, "edge", receiver="syslog-tcp", port=port)
    being_written = casb.settings.data / "receivers" / stream.stream_id / ("a" * 24 + ".open")
    being_written.parent.mkdir(parents=True)
    being_written.write_bytes(LINES)

    async def work(logged: list[MutableMapping[str, Any]]) -> None:
        with contextlib.ExitStack() as first:
            first.enter_context(receiver_lock(casb.settings.data))
            async with receiving(casb):
                await until(lambda: waits(logged) == 1)
                assert being_written.exists()
                with pytest.raises(OSError):  # noqa: PT011 -- with the system's message
                    await asyncio.open_connection("127.0.0.1", port)
                first.close()
                await send(port, LINES)

    def waits(logged: list[MutableMapping[str, Any]]) -> int:
        return [each["event"] for each in logged].count("receivers wait")

    with capture_logs() as logged:
        asyncio.run(work(logged))
    assert waits(logged) == 1
    assert queued(casb) == [("syslog", "syslog", LINES)] * 2


def test_lines_left_by_a_killed_server_are_queued_at_the_start(casb: Casb) -> None:
    """A segment that was open when the process ended is complete up to its last line."""
    stream = add(casb, "edge", receiver="syslog-tcp", port=free_port())
    left = casb.settings.data / "receivers" / stream.stream_id / ("a" * 24 + ".open")
    left.parent.mkdir(parents=True)
    left.write_bytes(LINES)

    async def work() -> None:
        async with receiving(casb):
            await until(lambda: casb.uploads.queued() == 1)

    asyncio.run(work())
    assert queued(casb) == [("syslog", "syslog", LINES)]
    assert list(left.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "heads", "lines"),
    [
        (
            "GENERIC_W3C_SYSLOG",
            [
                "#Version: 1.0\r\n#Fields: date time c-ip cs-host sc-bytes\r\n",
                "#Fields: date time cs-host c-ip cs-bytes\n",
            ],
            [
                "2025-11-20 12:00:{0:02} 10.0.0.1 www.dropbox.com 7\n",
                "2025-11-20 12:00:{0:02} www.box.com 10.0.0.2 9\n",
            ],
        ),
        (
            "BLUECOAT_SYSLOG",
            ["<134>Nov 20 12:00:00 proxy bc[1]: #Fields: date time cs-host c-ip sc-bytes\n", ""],
            ["<134>Nov 20 12:00:00 proxy bc[1]: 2025-11-20 12:00:{0:02} www.dropbox.com 10.0.0.1 7\n", MAIN],
        ),
        (
            "MCAFEE_SWG_SYSLOG",
            [f"{MCAFEE_HEAD}\n", '#time_stamp "auth_user" src_ip status_code "req_line" bytes_from_client\n'],
            [
                f"{MCAFEE[1]}\n",
                '[20/Nov/2025:12:00:{0:02} +0100] "ann" 10.0.0.2 200 "GET https://www.box.com/a HTTP/1.1" 9\n',
            ],
        ),
    ],
)
def test_every_segment_is_read_by_the_header_of_its_sender(
    casb: Casb, source: str, heads: list[str], lines: list[str]
) -> None:
    """The header was sent once, before the segment or a restart; two senders at a port each have their own."""
    port = free_port()
    stream = add(casb, "proxy", source=source, receiver="syslog-tcp", port=port)
    casb.settings = replace(casb.settings, flush_seconds=0.01, retention_days=0)
    senders = ("127.0.0.1", "127.0.0.2")
    results: list[dict[str, Any]] = []
    sent = b""

    async def work(number: int) -> None:
        nonlocal sent
        for sender, head, line in zip(senders, heads, lines, strict=True):
            wire = (("" if number else head) + line.format(number)).encode()
            sent += wire
            await send(port, wire, sender)
            await until(lambda: casb.uploads.queued() == 1)
            results.append(run_next(casb).result or {})

    async def two_segments(first: int) -> None:
        async with receiving(casb):
            await work(first)
            await work(first + 1)

    asyncio.run(two_segments(0))
    asyncio.run(two_segments(2))
    assert [(each["linesUsed"], each["linesRejected"], each["success"]) for each in results] == [(1, 0, True)] * 8
    counted = casb.receiver_counters.get(stream.tenant_id, stream.stream_id)
    assert (counted.lines, counted.bytes, counted.errors) == (sent.count(b"\n"), len(sent), 0)


def test_a_folder_is_watched(casb: Casb, tmp_path: Path) -> None:
    """A complete file is queued under its name and kept under processed/."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").write_bytes(LINES)
    add(casb, "drop", receiver="folder", folder=str(folder))

    async def work() -> None:
        async with receiving(casb):
            await until((folder / "processed" / "a.log").exists)

    asyncio.run(work())
    assert queued(casb) == [("folder", "a.log", LINES)]


def test_sources_come_and_go_while_the_server_runs(casb: Casb) -> None:
    """A new source is listened for; a deleted one's port is closed."""
    port = free_port()

    def is_free() -> bool:  # a connection attempt could hit the moment of closing
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            return False
        return True

    async def work() -> None:
        async with receiving(casb):
            assert is_free()
            stream = add(casb, "edge", receiver="syslog-tcp", port=port)
            await send(port, LINES)
            casb.streams.delete(stream.tenant_id, stream.stream_id)
            await until(is_free)

    asyncio.run(work())


def test_a_database_that_is_away_for_a_time_ends_no_receiver(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither looking for changes nor handing over fails permanently; meanwhile the lines are in the journal."""
    port = free_port()
    add(casb, "edge", receiver="syslog-tcp", port=port)
    listening, enqueue = casb.streams.listening, casb.intake.enqueue
    away = {"looks": 2, "handing over": 2}

    def unless(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def tried(*arguments: Any, **named: Any) -> Any:
            if away[name]:
                away[name] -= 1
                raise OperationalError("select", {}, OSError("the server closed the connection"))
            return work(*arguments, **named)

        return tried

    monkeypatch.setattr(casb.streams, "listening", unless("looks", listening))
    monkeypatch.setattr(casb.intake, "enqueue", unless("handing over", enqueue))
    casb.settings = replace(casb.settings, flush_seconds=0.01)

    async def work() -> None:
        async with receiving(casb):
            await send(port, LINES)
            await until(lambda: casb.uploads.queued() == 1)

    with capture_logs() as logs:
        asyncio.run(work())
    assert away == {"looks": 0, "handing over": 0}
    assert [entry["event"] for entry in logs].count("receivers cannot be looked up") == 2
    assert queued(casb) == [("syslog", "syslog", LINES)]


def test_a_database_that_hangs_stops_no_reading(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked in a thread: the loop also reads datagrams and answers HTTP."""
    port, answer = free_port(), threading.Event()
    asked: list[asyncio.AbstractEventLoop] = []
    add(casb, "edge", receiver="syslog-tcp", port=port)
    queued = casb.uploads.queued_by_tenant

    def hanging(origin: str) -> dict[int, int]:
        with contextlib.suppress(RuntimeError):
            asked.append(asyncio.get_running_loop())
        answer.wait(5)
        return queued(origin)

    monkeypatch.setattr(casb.uploads, "queued_by_tenant", hanging)
    casb.settings = replace(casb.settings, flush_seconds=0.01)

    async def work() -> None:
        async with receiving(casb):
            await send(port, LINES)
            await send(port, LINES)
            answer.set()
            await until(lambda: casb.uploads.queued() > 0)

    asyncio.run(work())
    assert asked == []


def test_a_port_that_is_taken_is_told_and_harms_no_other(casb: Casb) -> None:
    """The log names source and port; the other receiver works."""
    taken, free = free_port(), free_port()

    async def work() -> None:
        other = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", taken)
        async with other:
            add(casb, "first", receiver="syslog-tcp", port=taken)
            add(casb, "second", receiver="syslog-tcp", port=free)
            async with receiving(casb):
                await send(free, LINES)

    with capture_logs() as logs:
        asyncio.run(work())
    failed = [entry for entry in logs if entry["event"] == "receiver failed"]
    assert {(entry["receiver"], entry["port"]) for entry in failed} == {("first (syslog-tcp)", taken)}
    assert queued(casb) == [("syslog", "syslog", LINES)]


def test_what_came_is_counted(casb: Casb) -> None:
    """Lines and bytes when queued, and failures with the last message."""
    port = free_port()
    stream = add(casb, "edge", receiver="syslog-tcp", port=port)
    taken_port = add(casb, "twin", receiver="syslog-udp", port=free_port())

    async def work() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", taken_port.port or 0))
            async with receiving(casb):
                await send(port, LINES)
                await send(port, LINES)
                await until(lambda: casb.receiver_counters.get(stream.tenant_id, taken_port.stream_id).errors > 0)

    asyncio.run(work())
    counted = casb.receiver_counters.get(stream.tenant_id, stream.stream_id)
    assert (counted.lines, counted.bytes, counted.drops, counted.errors) == (4, 2 * len(LINES), 0, 0)
    assert counted.last_seen is not None
    assert "ddress already in use" in casb.receiver_counters.get(stream.tenant_id, taken_port.stream_id).last_error


@pytest.mark.slow
def test_two_thousand_sources_share_a_port(casb: Casb) -> None:
    """Each message goes to the source with its host name; all are queued when the server ends."""
    port, count = free_port(), 2000
    one = add(casb, "one", receiver="syslog-tcp", port=port)
    streams = [msgspec.structs.replace(one, stream_id=f"{n:024x}", display_name=f"fw{n}") for n in range(count)]
    bindings = [Binding(tenant_id=1, stream_id=f"{n:024x}", host_name=f"FW{n}.EXAMPLE") for n in range(count)]
    casb.streams.listening = lambda: streams  # type: ignore[method-assign]  # nor is making them
    casb.bindings.every = lambda: bindings  # type: ignore[method-assign]
    line = "<134>Nov 20 12:00:00 fw{0}.example app: {0}.{1}\n"
    wire = "".join(line.format(n, turn) for turn in range(3) for n in range(count)).encode()
    came: dict[str, list[bytes]] = {}

    def enqueue(stream: Stream, segment: Path, **_: object) -> None:
        came.setdefault(stream.display_name, []).extend(segment.read_bytes().splitlines())
        segment.unlink()

    casb.intake.enqueue = enqueue  # type: ignore[assignment,method-assign]  # 2,000 fsyncs and rows are not this test's

    async def work() -> None:
        async with receiving(casb):
            await send(port, wire)

    asyncio.run(work())
    assert came == {f"fw{n}": [line.format(n, turn).strip().encode() for turn in range(3)] for n in range(count)}
    counted = [casb.receiver_counters.get(each.tenant_id, each.stream_id).lines for each in streams]
    assert counted == [3] * count
