"""Callers that wait too long for a database lock are told that the database is busy, and may retry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from opencasb.store import migrate
from opencasb.store.database import Database
from tests.api.v1.conftest import Client
from tests.api.v1.engines import client_of
from tests.faults.kills import DELIVERY, lines

SAID = "the database is busy: others kept it locked, or have all its connections, for too long"
LIMITS = ("lock_timeout", "statement_timeout")


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[Client]:
    """An installation with a very short lock timeout."""
    made = client_of(database, tmp_path, database_lock_seconds=0.05)
    yield made
    made.close()


@contextmanager
def writing(database: Database) -> Iterator[None]:
    """Block other writers of activities, as a running transaction does."""
    with database.write() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("LOCK TABLE activities IN SHARE ROW EXCLUSIVE MODE")
        yield


def test_a_delivery_is_refused_while_another_keeps_the_lock(client: Client, database: Database) -> None:
    """With Retry-After; lists still work, and afterwards the delivery is accepted."""
    with writing(database):
        refused = client.call("POST", "ingest/activities/", content=lines(0))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert refused.json() == {"detail": f"{SAID}; nothing of this was acknowledged, repeat it later"}
        assert client.post("activities/", {})["total"] == 0
    assert client.call("POST", "ingest/activities/", content=lines(0)).status_code == 200
    assert client.post("activities/", {})["total"] == DELIVERY


def test_a_server_that_starts_waits_for_locks_and_takes_its_time(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Schema changes have no timeouts; later statements on the same connection have."""
    limited = Database(postgresql_url, lock_seconds=5, statement_seconds=7)
    shown: list[str] = []

    def command(configuration: object, _: str) -> None:
        connection = configuration.attributes["connection"]  # type: ignore[attr-defined]
        shown.extend(connection.exec_driver_sql(f"SHOW {name}").scalar() for name in LIMITS)

    monkeypatch.setattr("alembic.command.upgrade", command)
    monkeypatch.setattr(migrate, "newest", lambda: "9999")
    migrate.upgrade(limited)
    assert shown == ["0", "0"]
    with limited.read() as connection:
        assert [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in LIMITS] == ["5s", "7s"]
    limited.close()


def test_the_limits_outlive_a_transaction_that_was_undone(client: Client) -> None:
    """A failed connection returns to the pool with its limits."""
    limited = client.casb.database
    with pytest.raises(sa.exc.DBAPIError), limited.write() as connection:
        connection.exec_driver_sql("SELECT nothing")
    with limited.read() as connection:
        if limited.is_sqlite:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 50
        else:
            assert [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in LIMITS] == ["50ms", "5min"]
