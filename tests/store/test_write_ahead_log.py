"""SQLite's log stays short under continuous reads and writes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from opencasb.store import write_ahead_log
from opencasb.store.database import Database

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


@contextmanager
def _always_read(database: Database) -> Iterator[None]:
    """Read continuously: of two overlapping readers, one is always active."""
    stopped = Event()

    def read() -> None:
        while not stopped.is_set():
            with database.read() as connection:
                connection.execute(COUNT).scalar()
                time.sleep(0.02)

    with ThreadPoolExecutor() as pool:
        readers = []
        for _ in range(2):
            readers.append(pool.submit(read))
            time.sleep(0.01)
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


def test_a_reader_that_takes_long_holds_up_no_writer_for_long(given: Database, log: Path) -> None:
    """Writers wait for it once, and the log grows until it has finished."""
    with given.read() as reader:
        reader.execute(COUNT).scalar()
        began = time.monotonic()
        _write(given, 20)
        assert time.monotonic() - began < 5
        assert log.stat().st_size > LONGEST
        assert reader.execute(COUNT).scalar() == 0


def test_connections_wait_for_each_other_as_long_as_before(given: Database) -> None:
    """Keeping the log short does not change the connection's settings."""
    _write(given, 10)
    with given.read() as connection:
        assert connection.execute(sa.text("pragma busy_timeout")).scalar() == 30_000
