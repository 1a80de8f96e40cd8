"""Both engines behind the same interface."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from opencasb.store.consents import application_assignments
from opencasb.store.database import Database, new_id


def test_a_write_is_kept_and_a_failed_one_undone(database: Database) -> None:
    """A completed write block is durable; one that raises is rolled back."""
    with database.write() as connection:
        connection.execute(
            sa.text("create temporary table t (x integer)" if not database.is_sqlite else "create table t (x integer)")
        )
        connection.execute(sa.text("insert into t values (1)"))
        assert connection.execute(sa.text("select count(*) from t")).scalar() == 1
    if database.is_sqlite:
        with pytest.raises(sa.exc.OperationalError):
            _insert_and_fail(database)
        with database.read() as connection:
            assert connection.execute(sa.text("select count(*) from t")).scalar() == 1


def test_the_text_of_an_error_has_no_parameters(database: Database) -> None:
    """Parameters include keys and hashes, and the text is logged."""
    with pytest.raises(sa.exc.StatementError) as error, database.write() as connection:
        connection.execute(sa.text("insert into no_such_table values (:value)"), {"value": "hunter2"})
    assert "no_such_table" in str(error.value)
    assert "hunter2" not in str(error.value)


def _insert_and_fail(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("insert into t select 2"))
        connection.execute(sa.text("insert into no_such_table values (3)"))


def test_a_reader_sees_one_moment(database: Database) -> None:
    """Changes committed between two queries of a reader are not visible to the second."""
    with database.write() as connection:
        connection.execute(sa.text("create table moments (x integer)"))
    count = sa.text("select count(*) from moments")
    try:
        with database.read() as reader:
            assert reader.execute(count).scalar() == 0
            with database.write() as writer:
                writer.execute(sa.text("insert into moments values (1)"))
            assert reader.execute(count).scalar() == 0
        with database.read() as reader:
            assert reader.execute(count).scalar() == 1
    finally:
        with database.write() as connection:
            connection.execute(sa.text("drop table moments"))


def test_new_ids_look_like_object_ids() -> None:
    """An object id is 24 lower-case hex characters (api §1.2)."""
    assert len(new_id()) == 24
    assert int(new_id(), 16) >= 0


def test_an_upsert_tells_how_many_rows_it_wrote(database: Database) -> None:
    """On both engines; none for an existing row that is kept."""
    row = {"tenant_id": 1, "client_id": "a", "user_id": "ann"}
    for rows, written in (([row], 1), ([row], 0), ([row, row | {"user_id": "bob"}], 1), ([], 0)):
        with database.write() as connection:
            assert database.upsert(connection, application_assignments, rows) == written
