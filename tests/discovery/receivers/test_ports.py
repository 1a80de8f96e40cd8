"""A port passes lines to its data sources."""

from __future__ import annotations

import asyncio
import socket

import pytest

from opencasb.app import Casb
from opencasb.discovery.receivers.feeds import Feeds
from opencasb.discovery.receivers.ports import Port, Ports
from opencasb.discovery.receivers.tallies import Tallies
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding
from tests.discovery.receivers.running import add

LINE = b"<134>Nov 20 12:00:00 fw1 app: a\n"


def port_of(casb: Casb) -> tuple[Port, Tallies]:
    """Return a port without data sources."""
    feeds, tallies = feeds_of(casb)
    return Port(("syslog-udp", 514), feeds), tallies


def feeds_of(casb: Casb) -> tuple[Feeds, Tallies]:
    """Return feeds without data sources."""
    tallies = Tallies(casb.receiver_counters, casb.clock)
    root = casb.settings.data / "receivers"
    return Feeds(root, casb.intake, casb.uploads, tallies, flush_seconds=5, most_bytes=10**6), tallies


def source(casb: Casb, name: str, **bound: str) -> tuple[Stream, Binding]:
    """Add a data source with its binding."""
    made = add(casb, name, "syslog-udp", port=514)
    return made, casb.bindings.change(made.tenant_id, made.stream_id, sender="", **bound)


def stored(casb: Casb, stream: Stream) -> bytes:
    """Return the journal of a source."""
    return b"".join(path.read_bytes() for path in (casb.settings.data / "receivers" / stream.stream_id).iterdir())


def test_lines_go_to_their_source_and_strays_are_counted(casb: Casb) -> None:
    """Unmatched lines are not kept, and reported once."""
    port, _ = port_of(casb)
    first = source(casb, "first", host_name="FW1")
    port.serve([first])
    stray = LINE.replace(b"fw1", b"fw2")
    assert port.take("10.0.0.1", LINE + stray)
    assert stored(casb, first[0]) == LINE
    assert (port.strays(), port.strays()) == (1, 0)


def test_two_sources_of_the_same_messages_are_told_of(casb: Casb) -> None:
    """The older source gets them; the other's error is counted once, until it is resolved."""
    port, tallies = port_of(casb)
    first, second = source(casb, "first"), source(casb, "second")
    for _ in range(2):
        port.serve([first, second])
    port.take("10.0.0.1", LINE)
    assert (stored(casb, first[0]), stored(casb, second[0])) == (LINE, b"")
    told = tallies.of(second[0]).drain()
    assert told is not None
    assert told.errors == 1
    assert "second and first take the same messages" in told.last_error


def test_drops_are_counted_where_they_belong(casb: Casb) -> None:
    """A sender's drops count for its source, the kernel's for every source of the port."""
    port, tallies = port_of(casb)
    named, rest = source(casb, "named", host_name="fw1"), source(casb, "rest")
    port.serve([named, rest])
    port.drop("10.0.0.1", 3)
    port.lost(2)
    port.lost(0)
    found = [tallies.of(stream).drain() for stream, _ in (named, rest)]
    assert [each.drops for each in found if each] == [2, 5]


def test_a_full_disk_is_told_to_the_sender(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that are not kept are an error of their source."""
    port, tallies = port_of(casb)
    only = source(casb, "only")
    port.serve([only])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.write", full)
        assert not port.take("10.0.0.1", LINE)
    told = tallies.of(only[0]).drain()
    assert told is not None
    assert "No space left" in told.last_error


def test_a_port_that_is_taken_leaves_the_journal_alone(casb: Casb) -> None:
    """The process that has the port may also write the journal: no segment is rotated, and the failure is counted."""
    only = source(casb, "only")
    left = casb.settings.data / "receivers" / only[0].stream_id / ("a" * 24 + ".open")
    left.parent.mkdir(parents=True)
    left.write_bytes(LINE)
    feeds, tallies = feeds_of(casb)
    with socket.create_server(("127.0.0.1", 0)) as other:
        place = ("syslog-tcp", other.getsockname()[1])
        asyncio.run(Ports("127.0.0.1", feeds, pytest.fail).serve({place: [only]}))
    assert [path.name for path in left.parent.iterdir()] == [left.name]
    told = tallies.of(only[0]).drain()
    assert told is not None
    assert "ddress already in use" in told.last_error


def test_no_line_is_read_before_its_source_is_known(casb: Casb) -> None:
    """A waiting sender connects as soon as the port is bound."""
    port, _ = port_of(casb)
    before = port.is_full("10.0.0.1")
    port.serve([source(casb, "only")])
    assert (before, port.is_full("10.0.0.1")) == (True, False)


def test_only_the_senders_of_a_tenant_without_room_wait(casb: Casb) -> None:
    """On a port of two tenants, told apart by the addresses of their senders."""
    port, _ = port_of(casb)
    first = source(casb, "first")
    other = add(casb, "other", "syslog-udp", port=514, tenant_id=casb.tenants.create("Fabrikam").tenant_id)
    bound = casb.bindings.change(other.tenant_id, other.stream_id, sender="10.0.0.2")
    port.serve([first, (other, bound)])
    port._feeds.has_due()
    assert port.take("10.0.0.1", LINE * 40_000)
    assert [port.is_full(f"10.0.0.{host}") for host in (1, 2)] == [True, False]


def test_datagrams_of_a_relay_are_dropped_for_the_tenant_without_room_only(casb: Casb) -> None:
    """One address sends the lines of two tenants; those of the other are stored."""
    port, tallies = port_of(casb)
    first = source(casb, "first", host_name="fw1")
    other = add(casb, "other", "syslog-udp", port=514, tenant_id=casb.tenants.create("Fabrikam").tenant_id)
    bound = casb.bindings.change(other.tenant_id, other.stream_id, host_name="fw2")
    port.serve([first, (other, bound)])
    port._feeds.has_due()
    port.offer("10.0.0.1", LINE * 40_000)
    theirs, stray = LINE.replace(b"fw1", b"fw2"), LINE.replace(b"fw1", b"fw3")
    port.offer("10.0.0.1", LINE + theirs + LINE + stray)
    assert stored(casb, other) == theirs
    assert port.strays() == 1
    told = [tallies.of(stream).drain() for stream in (first[0], other)]
    assert [each.drops if each else 0 for each in told] == [2, 0]


def test_datagrams_that_cannot_be_written_are_counted(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk, for the data source that they belong to."""
    port, tallies = port_of(casb)
    named, rest = source(casb, "named", host_name="fw1"), source(casb, "rest")
    port.serve([named, rest])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.write", full)
        port.offer("10.0.0.1", LINE * 3)
    told = tallies.of(named[0]).drain()
    assert told is not None
    assert (told.drops, told.errors) == (3, 1)
    assert tallies.of(rest[0]).drain() is None
