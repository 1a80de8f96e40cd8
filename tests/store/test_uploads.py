"""Uploads as job records: leased by one worker, ended once, deleted when no longer needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opencasb.store.database import Database
from opencasb.store.uploads import LEASE_MS, MAX_ATTEMPTS, SYSLOG, Upload, Uploads
from tests.identity.standin import HandClock

TENANT = 88812345


class Queue:
    """Uploads with a manual clock."""

    def __init__(self, database: Database, now: int) -> None:
        self.clock = HandClock(now)
        self.uploads = Uploads(database, self.clock)

    def add(self, name: str, **fields: Any) -> str:  # any field
        """Add an upload created now and return its id."""
        values = {"tenant_id": TENANT, "origin": "api", "filename": name, "source": "SQUID", **fields}
        self.uploads.add(Upload(upload_id=name * 24, **{"created": self.clock.now, **values}))
        return name * 24

    def end(self, name: str, **fields: Any) -> str:  # any field
        """Add an upload that ends now."""
        upload_id = self.add(name, state="queued", **fields)
        leased = self.uploads.lease("me")
        assert leased is not None
        assert self.uploads.finish(leased, "done", {"text": "fine"}, lambda _: None)
        return upload_id

    def next(self) -> str:
        """Advance the clock by a second, lease the next upload, and return its name."""
        self.clock.now += 1000
        leased = self.uploads.lease("me")
        assert leased is not None
        return leased.filename

    def has(self, upload_id: str) -> bool:
        """Return whether the upload exists."""
        return self.uploads.get(TENANT, upload_id) is not None


@pytest.fixture
def queue(database: Database, clock: Callable[[], int]) -> Queue:
    """An empty queue."""
    return Queue(database, clock())


def test_an_upload_is_found_by_id_and_by_its_urls_secret(queue: Queue) -> None:
    """Both return all its fields; another tenant has no upload with that id."""
    upload_id = queue.add("a", secret_hash="5" * 64, size=7)
    found = queue.uploads.get(TENANT, upload_id)
    assert found is not None
    assert (found.filename, found.state, found.size) == ("a", "open", 7)
    assert queue.uploads.by_secret("5" * 64) == found
    assert queue.uploads.by_secret("6" * 64) is None
    assert queue.uploads.get(TENANT + 1, upload_id) is None


def test_adding_again_changes_nothing(queue: Queue) -> None:
    """A segment handed over twice is one upload, whatever its state."""
    upload_id = queue.end("a", origin=SYSLOG)
    queue.add("a", origin=SYSLOG)
    found = queue.uploads.get(TENANT, upload_id)
    assert found is not None
    assert found.state == "done"


def test_a_change_can_expect_a_state(queue: Queue) -> None:
    """Of two concurrent changes to the next state, one fails."""
    upload_id = queue.add("a")
    assert queue.uploads.change(TENANT, upload_id, expect=("open",), state="received")
    assert not queue.uploads.change(TENANT, upload_id, expect=("open",), state="received")
    assert queue.uploads.change(TENANT, upload_id, size=5)


def test_an_upload_ends_once_with_what_belongs_to_it(queue: Queue) -> None:
    """The first worker's counting is part of the same transaction; the second worker's is not done."""
    queue.add("a", state="queued")
    leased = queue.uploads.lease("me")
    assert leased is not None
    counted: list[str] = []
    assert queue.uploads.finish(leased, "done", {}, lambda _: counted.append("once"))
    assert not queue.uploads.finish(leased, "done", {}, lambda _: counted.append("twice"))
    assert counted == ["once"]
    assert queue.uploads.queued() == 0


def test_data_sources_have_their_turns(queue: Queue) -> None:
    """A source with a backlog delays others by one file at a time; within a source the oldest file is first."""
    for name in "abcd":
        queue.add(name, state="queued", stream_id="1" * 24, received=queue.clock.now)
    started = [queue.next()]
    for name, stream in (("e", "2"), ("f", "3"), ("0", "2")):
        queue.clock.now += 1
        queue.add(name, state="queued", stream_id=stream * 24, received=queue.clock.now)
    started += [queue.next() for _ in range(6)]
    assert "".join(started) == "abefc0d"


def test_tenants_have_their_turns(queue: Queue) -> None:
    """A tenant with many data sources delays others by one file at a time; its own sources take turns."""
    for name in "abcd":
        for copy in name, name.upper():
            queue.add(copy, state="queued", stream_id=name * 24, received=queue.clock.now)
    started = [queue.next()]
    for name in "12":
        queue.add(name, state="queued", tenant_id=TENANT + 1, stream_id="e" * 24, received=queue.clock.now - 1)
    started += [queue.next() for _ in range(9)]
    assert "".join(started) == "A1B2CDabcd"


def test_a_source_that_is_new_waits_its_turn(queue: Queue) -> None:
    """A series of new sources, such as snapshot reports, does not delay existing ones."""
    came = queue.clock.now
    for name in "ab":
        queue.add(name, state="queued", stream_id="1" * 24, received=came)
    started = []
    for name in "cdef":
        started.append(queue.next())
        for copy in name, name.upper():
            queue.add(copy, state="queued", stream_id=copy * 24, received=queue.clock.now)
    assert started == ["a", "b", "C", "c"]


def test_what_waits_is_counted_by_kind_and_source(queue: Queue) -> None:
    """A backlog of files does not make syslog wait, nor one source another."""
    for name, origin, stream in (("a", SYSLOG, "1"), ("b", "folder", "1"), ("c", "folder", "2"), ("d", SYSLOG, "2")):
        queue.add(name, state="queued" if name != "d" else "open", origin=origin, stream_id=stream * 24)
    assert queue.uploads.queued() == 3
    assert queue.uploads.queued_by_tenant(SYSLOG) == {TENANT: 1}
    assert queue.uploads.queued(source=(TENANT, "1" * 24)) == 2
    assert queue.uploads.queued(source=(TENANT + 1, "1" * 24)) == 0


def test_what_fails_with_the_end_undoes_it(queue: Queue) -> None:
    """An upload whose counting failed is still queued."""
    queue.add("a", state="queued")
    leased = queue.uploads.lease("me")
    assert leased is not None

    def fail(_connection: object) -> None:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        queue.uploads.finish(leased, "done", {}, fail)
    assert queue.uploads.queued() == 1


def test_only_the_holder_renews_a_lease(queue: Queue) -> None:
    """A worker that lost the lease is told so."""
    queue.add("a", state="queued")
    mine = queue.uploads.lease("me")
    assert mine is not None
    assert queue.uploads.renew(mine)
    queue.clock.now += LEASE_MS + 1
    theirs = queue.uploads.lease("them")
    assert theirs is not None
    assert not queue.uploads.renew(mine)
    assert queue.uploads.renew(theirs)


def test_a_lease_that_ran_out_is_an_interruption_and_no_attempt(queue: Queue) -> None:
    """Its server may have ended on another machine, where it cannot be seen."""
    queue.add("a", state="queued")
    for times in range(MAX_ATTEMPTS + 1):
        leased = queue.uploads.lease(f"host-{times}:1")
        assert leased is not None
        assert (leased.attempts, leased.interruptions) == (1, times)
        queue.clock.now += LEASE_MS + 1


def test_files_are_needed_until_the_end(queue: Queue) -> None:
    """Those of open, received and queued uploads, but not of ended ones."""
    queue.end("d")
    waiting = {queue.add(name, state=state) for name, state in (("a", "open"), ("b", "received"), ("c", "queued"))}
    assert queue.uploads.waiting() == waiting


def test_unfinished_uploads_are_forgotten_by_age(queue: Queue) -> None:
    """Old uploads without step 3 are deleted; queued ones stay, and so do segments, which are handed over again."""
    old = [queue.add("a"), queue.add("b", state="received")]
    stay = [queue.add("c", state="queued"), queue.add("d", origin=SYSLOG), queue.end("e")]
    queue.clock.now += 1000
    young = queue.add("f")
    assert queue.uploads.forget_unfinished(queue.clock.now) == 2
    assert [queue.has(upload_id) for upload_id in (*old, *stay, young)] == [False, False, True, True, True, True]


def test_ended_uploads_are_forgotten_by_age_and_kind(queue: Queue) -> None:
    """Segments are deleted sooner than files; queued uploads stay, however old."""
    segment, file = queue.end("a", origin=SYSLOG), queue.end("b")
    waiting = queue.add("c", state="queued")
    end = queue.clock.now
    assert queue.uploads.forget_ended(end, end) == 0
    assert queue.uploads.forget_ended(end, end + 1) == 1
    assert [queue.has(each) for each in (segment, file, waiting)] == [False, True, True]
    assert queue.uploads.forget_ended(end + 1, end + 1) == 1
    assert [queue.has(each) for each in (file, waiting)] == [False, True]
