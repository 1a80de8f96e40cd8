"""From the journal to the queue: in time, in order, and within the queue's limits."""

from __future__ import annotations

import errno
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from opencasb.app import Casb
from opencasb.discovery.receivers import feeds as module
from opencasb.discovery.receivers.feeds import Feed, Feeds
from opencasb.discovery.receivers.tallies import Tallies
from tests.discovery.receivers.running import add


class Clock:
    """A manual clock in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def opened(casb: Casb, clock: Clock, *, most_bytes: int = 1000) -> Feeds:
    """Return feeds that flush every five seconds."""
    return Feeds(
        casb.settings.data / "receivers",
        casb.intake,
        casb.uploads,
        Tallies(casb.receiver_counters, casb.clock),
        flush_seconds=5,
        most_bytes=most_bytes,
        now=clock,
    )


def due(feeds: Feeds) -> list[Feed]:
    """Detach what is due now."""
    return feeds.due(feeds.queued()) if feeds.has_due() else []


def names(feeds: list[Feed]) -> list[str]:
    """Return the names of the sources of the feeds."""
    return [feed.stream.display_name for feed in feeds]


def fullness(feeds: Feeds) -> bool:
    """Return whether the feeds of any tenant are full."""
    return any(feeds.is_full(feed.stream.tenant_id) for feed in feeds._feeds.values())


def test_lines_are_due_after_their_time_the_oldest_first(casb: Casb) -> None:
    """Counted from a segment's first line; a source without lines is never due."""
    clock = Clock()
    feeds = opened(casb, clock)
    first, second, _ = (feeds.of(add(casb, name, "syslog-tcp")) for name in ("first", "second", "third"))
    feeds.append(second, b"one\n")
    clock.now = 1
    feeds.append(first, b"one\n")
    feeds.append(second, b"two\n")
    clock.now = 5.5
    found = due(feeds)
    assert names(found) == ["second"]
    feeds.hand_over(found)
    clock.now = 7
    feeds.append(second, b"three\n")
    assert names(due(feeds)) == ["first"]
    leased = casb.uploads.lease("me")
    assert leased is not None
    assert casb.intake.file(leased).read_bytes() == b"one\ntwo\n"


def test_headers_are_repeated_and_do_not_count_again(casb: Casb) -> None:
    """At the beginning of a segment, and before lines of another sender."""
    clock = Clock()
    feeds = opened(casb, clock)
    feed = feeds.of(add(casb, "proxy", "syslog-tcp"))
    first, second = b"#Fields: date c-ip\n", b"#Fields: c-ip date\n"
    for lines, sender in ((first + b"a1\n", "a"), (second + b"b1\n", "b"), (b"a2\n", "a"), (b"a3\n", "a")):
        feeds.append(feed, lines, sender)
    feeds.hand_over(feeds.due(None))
    feeds.append(feed, b"b2\n", "b")
    feeds.append(feed, b"c1\n", "c")
    feeds.hand_over(feeds.due(None))
    found = [casb.intake.file(each).read_bytes() for each in iter(lambda: casb.uploads.lease("me"), None)]
    assert found == [
        first + b"a1\n" + b"#Fields:\n" + second + b"b1\n" + first + b"a2\na3\n",
        second + b"b2\n#Fields:\nc1\n",
    ]
    taken = feed.tally.drain()
    assert taken is not None
    assert (taken.lines, taken.bytes) == (8, len(first) + len(second) + 6 * 3)
    assert feed.came == feed.went == sum(map(len, found))


def test_segments_wait_while_the_queue_is_full(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """They keep growing; when the server ends, all are queued."""
    monkeypatch.setattr(module, "MOST_QUEUED", 2)
    clock = Clock()
    feeds = opened(casb, clock)
    for number in range(4):
        feeds.append(feeds.of(add(casb, f"s{number}", "syslog-tcp")), b"one\n")
    clock.now = 6
    found = due(feeds)
    assert names(found) == ["s0", "s1"]
    feeds.hand_over(found)
    assert due(feeds) == []
    last = feeds.due(None)
    assert names(last) == ["s2", "s3"]
    feeds.hand_over(last)
    assert casb.uploads.queued() == 4


def test_files_in_the_queue_hold_up_no_segment(casb: Casb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only segments count towards the limit."""
    monkeypatch.setattr(module, "MOST_QUEUED", 2)
    clock = Clock()
    feeds, edge = opened(casb, clock), add(casb, "edge", "syslog-tcp")
    for number in range(3):
        (tmp_path / "a.log").write_bytes(b"%d\n" % number)
        casb.intake.enqueue(edge, tmp_path / "a.log", origin="folder", filename="a.log")
    feeds.append(feeds.of(edge), b"one\n")
    clock.now = 6
    assert names(due(feeds)) == ["edge"]


def test_a_segment_that_was_cut_and_not_queued_comes_again(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database outage loses no line, and the failure is counted."""
    clock = Clock()
    feeds = opened(casb, clock)
    feed = feeds.of(add(casb, "edge", "syslog-tcp"))
    feeds.append(feed, b"one\n")
    clock.now = 6
    with monkeypatch.context() as patched:

        def away(*_: object, **__: object) -> None:
            raise ConnectionError("away")

        patched.setattr(casb.intake, "enqueue", away)
        feeds.hand_over(due(feeds))
    assert casb.uploads.queued() == 0
    feeds.hand_over(due(feeds))
    assert casb.uploads.queued() == 1
    assert due(feeds) == []
    taken = feed.tally.drain()
    assert taken is not None
    assert (taken.lines, taken.bytes, taken.errors, taken.last_error) == (1, 4, 1, "ConnectionError: away")


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.rename"])
def test_a_segment_that_cannot_be_closed_comes_again(casb: Casb, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """A disk that fails at the wrong moment leaves no line behind until a restart."""
    clock = Clock()
    feeds = opened(casb, clock)
    feed = feeds.of(add(casb, "edge", "syslog-tcp"))
    feeds.append(feed, b"one\n")
    clock.now = 6
    with monkeypatch.context() as patched:

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patched.setattr(step, full)
        feeds.hand_over(due(feeds))
        feeds.append(feed, b"two\n")
    clock.now = 12
    feeds.hand_over(due(feeds))
    found = [casb.intake.file(each).read_bytes() for each in iter(lambda: casb.uploads.lease("me"), None)]
    assert sorted(found) == [b"one\n", b"two\n"]
    assert feed.came == feed.went
    assert due(feeds) == []


def test_a_segment_that_fills_up_meanwhile_is_due_next(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines arrive while earlier ones are handed over."""
    monkeypatch.setattr("opencasb.discovery.receivers.journal.MAX_SEGMENT_BYTES", 8)
    feeds, enqueue = opened(casb, Clock()), casb.intake.enqueue
    feed = feeds.of(add(casb, "edge", "syslog-tcp"))
    feeds.append(feed, b"1234567\n")
    with monkeypatch.context() as patched:

        def meanwhile(*given: Any, **named: Any) -> None:
            enqueue(*given, **named)
            feeds.append(feed, b"89abcde\n")

        patched.setattr(casb.intake, "enqueue", meanwhile)
        feeds.hand_over(due(feeds))
    assert names(due(feeds)) == ["edge"]


def test_journals_are_full_until_something_is_handed_over(casb: Casb) -> None:
    """Across all sources, including segments left by an earlier process."""
    clock = Clock()
    edge = add(casb, "edge", "syslog-tcp")
    before = opened(casb, clock)
    before.append(before.of(edge), b"x" * 599 + b"\n")
    feeds = opened(casb, clock)
    feed = feeds.of(edge)
    feeds.append(feeds.of(add(casb, "other", "syslog-tcp")), b"x" * 299 + b"\n")
    due(feeds)
    assert not fullness(feeds)
    feeds.append(feeds.of(add(casb, "third", "syslog-tcp")), b"x" * 99 + b"\n")
    assert fullness(feeds)
    clock.now = 6
    feeds.hand_over(due(feeds))
    assert feed.went == 600
    due(feeds)
    assert not fullness(feeds)


def test_the_flood_of_a_tenant_leaves_room_for_the_others(casb: Casb) -> None:
    """Half of the room is kept in equal shares, which the flood cannot take; together they take the whole."""
    feeds = opened(casb, Clock())
    mine, yours, theirs = (
        feeds.of(add(casb, "edge", "syslog-tcp", tenant_id=casb.tenants.create(name).tenant_id)) for name in "abc"
    )
    due(feeds)
    taken = Counter[str]()
    for name, feed in (("mine", mine), ("yours", yours), ("theirs", theirs)):
        while not feeds.is_full(feed.stream.tenant_id):
            feeds.append(feed, b"x" * 9 + b"\n")
            taken[name] += 10
    assert taken == {"mine": 670, "yours": 170, "theirs": 170}
    due(feeds)
    assert fullness(feeds)


def test_a_source_that_is_gone_has_no_share_once_it_is_handed_over(casb: Casb) -> None:
    """The room is shared among those who are there; no line is lost before."""
    clock = Clock()
    feeds = opened(casb, clock)
    mine, theirs = (
        feeds.of(add(casb, "edge", "syslog-tcp", tenant_id=casb.tenants.create(name).tenant_id)) for name in "ab"
    )
    feeds.append(theirs, b"x" * 99 + b"\n")
    feeds.keep({mine.stream.stream_id})
    clock.now = 6
    feeds.hand_over(due(feeds))
    assert casb.uploads.queued() == 1
    feeds.keep({mine.stream.stream_id})
    feeds.has_due()
    feeds.append(mine, b"x" * 499 + b"\n")
    assert not feeds.is_full(mine.stream.tenant_id)
    assert feeds._backlog._share == 500
    assert feeds.of(mine.stream) is mine


def test_the_segments_of_a_tenant_leave_room_in_the_queue(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tenants with fewer in the queue come first, and one with none gets one in although it is full."""
    monkeypatch.setattr(module, "MOST_QUEUED", 3)
    clock = Clock()
    feeds = opened(casb, clock)
    tenants = {name: casb.tenants.create(name).tenant_id for name in "abc"}

    def come(*sources: str) -> list[str]:
        for name in sources:
            feeds.append(feeds.of(add(casb, name, "syslog-tcp", tenant_id=tenants[name[0]])), b"one\n")
        clock.now += 6
        found = due(feeds)
        feeds.hand_over(found)
        return names(found)

    assert come("a1", "a2", "a3", "a4", "b1", "b2") == ["a1", "b1", "a2"]
    assert come("c1", "c2") == ["c1"]
    assert come() == []


def test_what_cannot_be_written_down_is_kept(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tally is exact after any number of failed attempts."""
    edge = add(casb, "edge", "syslog-tcp")
    tallies = Tallies(casb.receiver_counters, casb.clock)
    tallies.of(edge).dropped(3)
    with monkeypatch.context() as patched:

        def away(_: object) -> None:
            raise ConnectionError("away")

        patched.setattr(casb.receiver_counters, "add", away)
        with pytest.raises(ConnectionError):
            tallies.write()
    tallies.of(edge).dropped(1)
    tallies.write()
    tallies.write()
    assert casb.receiver_counters.get(edge.tenant_id, edge.stream_id).drops == 4
