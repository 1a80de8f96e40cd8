"""The worker: every queued upload is processed by one worker at a time, however workers end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import Future
from threading import Event, Thread, Timer

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from opencasb.discovery import worker
from opencasb.discovery.processing import Postponed
from opencasb.discovery.worker import POSTPONED_MS, RENEW_SECONDS, Worker
from opencasb.store.database import Database
from opencasb.store.lease_owner import is_gone, this_process
from opencasb.store.uploads import LEASE_MS, MAX_ATTEMPTS, MAX_INTERRUPTIONS, Upload, Uploads

TENANT = 88812345


class Line:
    """A queue of uploads with a manual clock."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self.now = clock()
        self.uploads = Uploads(database, lambda: self.now)
        self.futures: list[Future[None]] = []
        self.started: list[str] = []

    def queue(self, *names: str) -> None:
        """Queue uploads."""
        for number, name in enumerate(names):
            upload = Upload(
                tenant_id=TENANT,
                upload_id=name * 24,
                origin="api",
                filename=name,
                source="SQUID",
                created=self.now,
                received=self.now + number,
                state="queued",
            )
            self.uploads.add(upload)

    def submit(self, upload: Upload, /) -> Future[None]:
        """Pretend to process."""
        self.started.append(upload.filename)
        self.futures.append(Future())
        return self.futures[-1]

    def worker(self) -> Worker:
        """Return a worker on this queue."""
        return Worker(self.uploads, self.submit, 1, lambda: self.now)

    def first(self) -> Upload:
        """Return the current state of upload ``a``."""
        found = self.uploads.get(TENANT, "a" * 24)
        assert found is not None
        return found


@pytest.fixture
def line(database: Database, clock: Callable[[], int]) -> Line:
    """An empty queue."""
    return Line(database, clock)


def test_uploads_are_taken_oldest_first_and_once(line: Line) -> None:
    """Two workers share the queue without taking anything twice."""
    line.queue("a", "b", "c")
    first, second = line.worker(), line.worker()
    assert [first.step(), second.step(), first.step()] == [True, True, False]
    assert line.started == ["a", "b"]


def test_a_dead_workers_lease_runs_out(line: Line) -> None:
    """Without renewal another worker takes over; with it, none does."""
    line.queue("a")
    dead, alive = line.worker(), line.worker()
    dead.step()
    line.now += LEASE_MS + 1
    assert alive.step() is True
    for _ in range(4):
        line.now += int(RENEW_SECONDS * 1000)
        alive.step()
    assert line.worker().step() is False
    assert line.started == ["a", "a"]


def test_a_failed_attempt_waits_and_comes_again(line: Line) -> None:
    """An exception counts as an attempt; the next one follows after a pause."""
    line.queue("a")
    alone = line.worker()
    alone.step()
    line.futures[0].set_exception(OSError("disk"))
    assert alone.step() is False
    line.now += 60_000
    assert alone.step() is True
    assert line.first().attempts == 2


def test_a_database_that_is_away_for_a_time_ends_no_worker(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failures are logged, and processing continues when it is back."""
    line.queue("a")
    stop, failures = Event(), 0
    lease = line.uploads.lease

    def away(owner: str) -> Upload | None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise OperationalError("select", {}, OSError("the server closed the connection"))
        stop.set()
        return lease(owner)

    monkeypatch.setattr(line.uploads, "lease", away)
    monkeypatch.setattr(line.uploads, "release", lambda _: away("me"))
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.001)
    with capture_logs() as logs:
        line.worker().run(stop)
    assert (line.started, failures) == (["a"], 2)
    assert [entry["event"] for entry in logs] == ["worker failed, and goes on"] * 2


def test_the_end_of_an_upload_is_noticed_at_once(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones follow each other without a pause, instead of waiting for the next poll."""
    line.queue("a", "b", "c")
    stop = Event()

    def submit(upload: Upload) -> Future[None]:
        assert line.uploads.finish(upload, "done", {}, lambda _: None)
        found = line.submit(upload)
        if len(line.started) == 3:
            stop.set()
        Timer(0.05, found.set_result, [None]).start()
        return found

    monkeypatch.setattr(worker, "POLL_SECONDS", 600)
    working = Thread(target=Worker(line.uploads, submit, 1, lambda: line.now).run, args=(stop,), daemon=True)
    working.start()
    assert stop.wait(60)  # far less than a poll
    working.join()
    assert line.started == ["a", "b", "c"]


def test_leases_of_processes_that_are_gone_are_freed(line: Line) -> None:
    """After a crash, a new server does not wait for the lease."""
    line.queue("a")
    assert line.uploads.lease(f"{socket.gethostname()}:999999999") is not None
    assert line.uploads.lease("me") is None
    assert line.uploads.release(is_gone) == 1
    assert line.uploads.lease("me") is not None


def test_a_server_that_is_killed_again_and_again_uses_up_no_attempts(line: Line) -> None:
    """Its work is retried at once the first time, then later and later, until the file itself is suspected."""
    line.queue("a")
    gone = f"{socket.gethostname()}:999999999"
    waited = []
    for times in range(1, MAX_INTERRUPTIONS + 1):
        assert line.uploads.lease(gone) is not None
        line.now += 60_000 * (times % 2)  # the lease has expired, or not
        assert [line.uploads.release(is_gone), line.uploads.release(is_gone)] == [1, 0]
        found = line.first()
        assert (found.attempts, found.interruptions) == (0, times)
        waited.append(max(found.lease_until - line.now, 0))
        line.now += max(waited[-1] - 1, 0)
        assert not waited[-1] or line.uploads.lease(gone) is None
        line.now += 2
    assert waited[:9] == [0, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000]
    assert sum(waited) > 3_600_000


def test_an_attempt_that_failed_counts_when_the_server_ends(line: Line) -> None:
    """It is no longer in progress while it waits for the next one."""
    line.queue("a")
    alone = line.worker()
    alone.step()
    line.futures[0].set_exception(OSError("disk"))
    alone.step()
    assert line.uploads.release(lambda _: True) == 0
    found = line.first()
    assert (found.attempts, found.interruptions) == (1, 0)


def test_a_server_takes_up_what_an_earlier_one_of_its_number_left(line: Line) -> None:
    """In containers each server is process 1; at startup, a lease in our name cannot be our own."""
    line.queue("a")
    assert line.uploads.lease(this_process()) is not None
    stop = Event()

    def submit(upload: Upload) -> Future[None]:
        stop.set()
        return line.submit(upload)

    Worker(line.uploads, submit, 1, lambda: line.now).run(stop)
    assert line.started == ["a"]


def test_a_postponed_upload_comes_again_however_often(line: Line) -> None:
    """A full disk is not an attempt: the file waits with the reason, and is never given up."""
    line.queue("a")
    alone = line.worker()
    for _ in range(2 * MAX_ATTEMPTS):
        assert alone.step() is True
        line.futures[-1].set_exception(Postponed("the disk of the usage lake is full"))
        assert alone.step() is False
        line.now += POSTPONED_MS + 1
    waiting = line.first()
    assert (waiting.state, waiting.attempts) == ("queued", 0)
    assert waiting.result == {"text": "the disk of the usage lake is full"}


def test_a_postponement_that_cannot_be_stored_is_stored_later(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a full database would count attempts until the upload is given up."""
    line.queue("a")
    alone = line.worker()
    alone.step()
    line.futures[-1].set_exception(Postponed("the disk of the database is full"))
    with monkeypatch.context() as full:
        full.setattr(Uploads, "change", lambda *_, **__: _raise())
        with pytest.raises(OperationalError):
            alone.step()
    assert alone.step() is False
    assert line.first().attempts == 0


def _raise() -> bool:
    raise OperationalError("update", {}, Exception("database or disk is full"))
