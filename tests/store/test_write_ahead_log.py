"""SQLite's log stays short under continuous reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa

from opencasb.store import write_ahead_log
from opencasb.store.database import Database
from opencasb.store.write_ahead_log import WriteAheadLog

LONGEST = 2**20
COUNT = sa.text("select count(*) from given")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the log's path of a database whose log may reach a megabyte."""
    monkeypatch.setattr(write_ahead_log, "LONGEST", LONGEST)
    return tmp_path / "casb.sqlite3-wal"


@pytest.fixture
def given(log: Path) -> Iterator[Database]:
    """Return a database with an empty table."""
    database = Database(f"sqlite:///{log.with_name('casb.sqlite3')}")
    with database.write() as connection:
        connection.execute(sa.text("create table given (x blob)"))
    yield database
    database.close()


def _write(database: Database, times: int) -> None:
    """Write a quarter of a megabyte this many times."""
    for _ in range(times):
        with database.write() as connection:
            connection.execute(sa.text("insert into given values (randomblob(262144))"))


class Clock:
    """A clock that is a second ahead each time it is read."""

    now = 0.0

    def monotonic(self) -> float:
        """Return seconds."""
        self.now += 1
        return self.now


@contextmanager
def _always_read(database: Database) -> Iterator[None]:
    """Read continuously: of two readers, each ends only when the other has begun."""
    stopped, begun = Event(), (Event(), Event())

    def read(mine: Event, other: Event) -> None:
        while not stopped.is_set():
            with database.read() as connection:
                connection.execute(COUNT).scalar()
                mine.set()
                assert other.wait(60)
                other.clear()
        mine.set()

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read, *begun)]
        assert begun[0].wait(60)
        begun[0].clear()
        readers.append(pool.submit(read, *reversed(begun)))
        yield
        stopped.set()
        for reader in readers:
            reader.result()


def test_the_log_stays_short_though_somebody_always_reads(given: Database, log: Path) -> None:
    """Without the fix, the log had the size of everything ever written."""
    longest = 0
    with _always_read(given):
        for _ in range(80):
            _write(given, 1)
            longest = max(longest, log.stat().st_size)
    assert 0 < longest < 4 * LONGEST
    with given.read() as connection:
        assert connection.execute(COUNT).scalar() == 80


def test_a_reader_that_takes_long_holds_up_writers_once(
    given: Database, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then they leave the log alone for half a minute, and it grows until the reader has finished."""
    clock, attempts = Clock(), []
    attempt = WriteAheadLog._started_anew

    def counted(self: WriteAheadLog, connection: Any) -> bool:  # of the driver
        attempts.append(attempt(self, connection))
        return attempts[-1]

    monkeypatch.setattr(write_ahead_log, "time", clock)
    monkeypatch.setattr(WriteAheadLog, "_started_anew", counted)
    with given.read() as reader:
        reader.execute(COUNT).scalar()
        _write(given, 20)
        assert attempts == [False]
        assert log.stat().st_size > LONGEST
        assert reader.execute(COUNT).scalar() == 0


def test_connections_wait_for_each_other_as_long_as_before(given: Database) -> None:
    """Keeping the log short does not change the connection's settings."""
    _write(given, 10)
    with given.read() as connection:
        assert connection.execute(sa.text("pragma busy_timeout")).scalar() == 30_000
