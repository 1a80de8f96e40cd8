"""The migrations and the tables of the repositories say the same."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from opencasb.store.database import Database
from opencasb.store.migrate import MIGRATIONS, complete_metadata, newest, upgrade


def test_the_migrations_make_exactly_the_tables_of_the_repositories(database_url: str) -> None:
    """After an upgrade of an empty database nothing differs from the metadata, and a second upgrade changes nothing."""
    database = Database(database_url)
    metadata = complete_metadata()
    with database.write() as connection:
        metadata.drop_all(connection)
    try:
        upgrade(database)
        upgrade(database)
        with database.read() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, metadata) == []
    finally:
        with database.write() as connection:
            connection.exec_driver_sql("drop table if exists alembic_version")
        database.close()


def test_the_newest_revision_is_alembics_head() -> None:
    """Whether there is something to migrate is told by the names of files; they say what Alembic says."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == newest()
