"""Outages are recognised by the errors that stores actually raise; other errors are not outages."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import sqlalchemy as sa

from opencasb.store.database import Database
from opencasb.store.outage import Outage, Trouble, outage_of

rows = sa.Table("rows", sa.MetaData(), sa.Column("text", sa.Text))


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """A small SQLite database without a busy timeout."""
    opened = Database(f"sqlite:///{tmp_path / 'casb.sqlite3'}")
    sa.event.listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout=0"))
    rows.metadata.create_all(opened.engine)
    return opened


def failure(database: Database, *before: str) -> Outage | None:
    """Return the outage that a write causes after some statements on its connection, or None."""
    try:
        with database.write() as connection:
            for statement in before:
                connection.exec_driver_sql(statement)
            connection.execute(sa.insert(rows), [{"text": "x" * 1000}] * 100)
    except sa.exc.DBAPIError as error:
        return outage_of(error)
    return None


def test_a_full_sqlite_database_is_full_and_keeps_what_it_has(sqlite: Database) -> None:
    """Nothing of the failed transaction is stored, and a later one that fits succeeds."""
    assert failure(sqlite, "PRAGMA max_page_count=20") == Outage("database", "full")
    with sqlite.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000")
        connection.execute(sa.insert(rows).values(text="fits"))
    with sqlite.read() as connection:
        assert connection.scalars(sa.select(rows.c.text)).all() == ["fits"]
    sqlite.close()


def test_a_locked_sqlite_database_is_busy(sqlite: Database) -> None:
    """A second writer gives up after the busy timeout."""
    with sqlite.write():
        assert failure(sqlite) == Outage("database", "busy")
    sqlite.close()


def test_a_read_only_sqlite_database_is_read_only(sqlite: Database) -> None:
    """SQLite has a separate error code for it."""
    assert failure(sqlite, "PRAGMA query_only=ON") == Outage("database", "read-only")
    sqlite.close()


@pytest.mark.parametrize(("begin", "size"), [(b"", 20_000), (b"Notes of the operator, not a database. ", None)])
def test_a_damaged_sqlite_database_is_damaged(sqlite: Database, tmp_path: Path, begin: bytes, size: int | None) -> None:
    """A partially copied one, and a file that is not a database."""
    assert failure(sqlite) is None
    sqlite.close()
    path = tmp_path / "casb.sqlite3"
    path.write_bytes((begin * 100 or path.read_bytes())[:size])
    assert failure(sqlite) == Outage("database", "damaged")
    sqlite.close()


@pytest.mark.parametrize(
    ("statements", "trouble"),
    [
        (["set local lock_timeout = 1", "lock table rows"], "busy"),
        (["set transaction read only", "create table other ()"], "read-only"),
        (["set local statement_timeout = 1", "select pg_sleep(5)"], "busy"),
        (["do $$ begin raise 'no room' using errcode = 'disk_full'; end $$"], "full"),
        (["do $$ begin raise 'a page' using errcode = 'data_corrupted'; end $$"], "damaged"),
        (["do $$ begin raise 'not you' using errcode = 'insufficient_privilege'; end $$"], "away"),
        (["select pg_terminate_backend(pg_backend_pid())"], "away"),
    ],
)
def test_postgresql_tells_by_its_states(postgresql_url: str, statements: list[str], trouble: Trouble) -> None:
    """The SQLSTATE gives the cause; a lost connection has none, and is recognised as such."""
    database = Database(postgresql_url)
    with database.write() as connection:
        rows.create(connection, checkfirst=True)
    with database.write() as holder:
        holder.exec_driver_sql("lock table rows in share mode")
        assert failure(database, *statements) == Outage("database", trouble)
    with database.write() as connection:
        rows.drop(connection)
    database.close()


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EROFS, "read-only"),
        *((number, "away") for number in (errno.EIO, errno.EACCES, errno.EPERM, errno.ENOTDIR)),
    ],
)
def test_the_system_tells_by_numbers(number: int, trouble: Trouble) -> None:
    """Errors are recognised even if wrapped in others."""
    error = RuntimeError("something failed")
    error.__cause__ = OSError(number, "told")
    assert outage_of(error) == Outage("data directory", trouble)


def test_the_lake_tells_in_its_text() -> None:
    """The errors of the lake's library have no number."""
    text = "Generic LocalFileSystem error: Unable to copy data to file: No space left on device (os error 28)"
    found = outage_of(OSError(text))
    assert found == Outage("usage lake", "full")
    assert str(found) == "the disk of the usage lake is full"


@pytest.mark.parametrize(
    "text",
    [
        "Kernel error -> Generic S3 error\n - HTTP error\n - tcp connect error\n - Connection refused (os error 111)",
        "object-store error: Generic MicrosoftAzure error: Error performing GET https://a/b in 3s, after 8 retries",
        "Kernel error -> No privileges for path a\n Error performing GET https://a/b in 1ms - 403",
    ],
)
def test_an_object_store_that_does_not_serve_is_away(text: str) -> None:
    """Unreachable, failing, or with rejected credentials; a missing object is not an outage."""
    assert outage_of(OSError(text)) == Outage("usage lake", "away")
    assert outage_of(FileNotFoundError(text)) is None


@pytest.mark.parametrize("error", [ValueError("(os error 28)"), FileNotFoundError(2, "no"), sa.exc.ArgumentError("no")])
def test_other_errors_are_no_outages(error: Exception) -> None:
    """They are mistakes, ours or the caller's."""
    assert outage_of(error) is None


def test_a_mistake_in_sql_is_no_outage(database: Database) -> None:
    """On either engine, an invalid statement is our mistake."""
    with pytest.raises(sa.exc.SQLAlchemyError) as failed, database.read() as connection:
        connection.exec_driver_sql("select nothing from nowhere")
    assert outage_of(failed.value) is None


def test_a_statement_of_postgresql_that_takes_too_long_is_busy(postgresql_url: str) -> None:
    """It is cancelled after the timeout, and the connection stays usable."""
    limited = Database(postgresql_url, statement_seconds=0.05)
    with pytest.raises(sa.exc.OperationalError) as raised, limited.read() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(60)")
    assert outage_of(raised.value) == Outage("database", "busy")
    with limited.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    limited.close()


@pytest.mark.parametrize("lock", ["FOR UPDATE", "TABLE"])
def test_a_lock_of_postgresql_that_is_not_to_be_had_is_busy(postgresql_url: str, lock: str) -> None:
    """On a row or table; the waiting transaction is rolled back."""
    holder, waiting = Database(postgresql_url), Database(postgresql_url, lock_seconds=0.05)
    locked = "LOCK TABLE locked" if lock == "TABLE" else "SELECT * FROM locked FOR UPDATE"
    with holder.write() as connection:
        connection.exec_driver_sql("CREATE TABLE locked AS SELECT 1 AS number")
    try:
        with holder.write() as held:
            held.exec_driver_sql(locked)
            with pytest.raises(sa.exc.OperationalError) as raised, waiting.write() as connection:
                connection.exec_driver_sql("UPDATE locked SET number = 2")
        assert outage_of(raised.value) == Outage("database", "busy")
        with waiting.read() as connection:
            assert connection.exec_driver_sql("SELECT number FROM locked").scalar() == 1
    finally:
        with holder.write() as connection:
            connection.exec_driver_sql("DROP TABLE locked")
        waiting.close()
        holder.close()
