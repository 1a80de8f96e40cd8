"""Pooled connections to PostgreSQL whose server has gone, and those that still work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from opencasb.store import liveness
from opencasb.store.database import Database

SESSION = sa.text("SELECT pg_backend_pid()")


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    """Return a database on PostgreSQL; its contents do not matter."""
    opened = Database(postgresql_url)
    yield opened
    opened.close()


@pytest.fixture
def asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the connections that are checked, in order."""
    made: list[object] = []
    ping = database.engine.dialect.do_ping

    def do_ping(connection: Any) -> bool:
        made.append(connection)
        return bool(ping(connection))

    monkeypatch.setattr(database.engine.dialect, "do_ping", do_ping)
    return made


def session(database: Database) -> int:
    """Return the server process of the next connection."""
    with database.read() as connection:
        return int(connection.execute(SESSION).scalar_one())


def end(postgresql_url: str, process: int) -> None:
    """End a session from outside, and wait until it has ended."""
    other = Database(postgresql_url)
    with other.write() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})
    other.close()


def test_a_connection_in_use_is_not_asked(database: Database, asked: list[object]) -> None:
    """It is reused unchecked."""
    first = session(database)
    assert [session(database) for _ in range(3)] == [first] * 3
    assert not asked


def test_a_connection_that_was_not_used_is_asked(
    database: Database, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is reused if it responds."""
    first = session(database)
    monkeypatch.setattr(liveness, "ASK_AFTER", 0.0)
    assert session(database) == first
    assert len(asked) == 1


@pytest.mark.parametrize("ask_after", [0.0, 3600.0])
def test_a_session_that_ended_is_replaced(
    database: Database, postgresql_url: str, monkeypatch: pytest.MonkeyPatch, ask_after: float
) -> None:
    """Callers do not notice, however long ago the connection was used."""
    monkeypatch.setattr(liveness, "ASK_AFTER", ask_after)
    first = session(database)
    end(postgresql_url, first)
    assert session(database) != first


def test_after_one_that_ended_none_is_trusted(database: Database, postgresql_url: str, asked: list[object]) -> None:
    """A restarted server ends all sessions, so the other connections are replaced without a check."""
    with database.read() as one, database.read() as two:
        sessions = {int(each.execute(SESSION).scalar_one()) for each in (one, two)}
    for process in sessions:
        end(postgresql_url, process)
    with database.read() as one, database.read() as two:
        assert not sessions & {int(each.execute(SESSION).scalar_one()) for each in (one, two)}
    assert len(asked) <= 1


def test_a_lookup_opens_no_transaction(database: Database) -> None:
    """Each query has its own snapshot; the next reader has a transaction again."""
    with database.lookup() as connection:
        connection.execute(SESSION)
        assert connection.connection.dbapi_connection.info.transaction_status == 0  # type: ignore[union-attr]
    with database.read() as connection:
        connection.execute(SESSION)
        assert connection.connection.dbapi_connection.info.transaction_status == 2  # type: ignore[union-attr]


def test_a_server_that_vanished_without_a_word_is_given_up_after_a_minute(postgresql_url: str) -> None:
    """The operating system would wait for 15 minutes or more; the URL may set another limit."""
    for more, seconds in (("", "10"), ("&connect_timeout=3", "3")):
        opened = Database(f"{postgresql_url}{more}")
        with opened.read() as connection:
            found: Any = connection.connection.driver_connection
            asked = found.info.get_parameters()
        opened.close()
        assert (asked["connect_timeout"], asked["tcp_user_timeout"]) == (seconds, "60000")
        assert (asked["keepalives_idle"], asked["keepalives_interval"], asked["keepalives_count"]) == ("30", "10", "3")
