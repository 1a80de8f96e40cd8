"""The migrations and the tables of the repositories say the same."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from opencasb.store.database import Database
from opencasb.store.migrate import MIGRATIONS, complete_metadata, newest, upgrade


def test_the_migrations_make_exactly_the_tables_of_the_repositories(database_url: str) -> None:
    """After an upgrade of an empty database nothing differs from the metadata, and a second upgrade changes nothing.

    Indexes, and what metadata does not hold, are the same that tables made without migrations have.
    """
    database = Database(database_url)
    metadata = complete_metadata()
    with database.write() as connection:
        metadata.drop_all(connection)
    try:
        upgrade(database)
        upgrade(database)
        with database.read() as connection:
            options = {"compare_type": True, "include_object": _comparable}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []
            migrated = _definitions(connection)
        with database.write() as connection:
            metadata.drop_all(connection)
        metadata.create_all(database.engine)
        with database.read() as connection:
            assert _definitions(connection) == migrated
    finally:
        with database.write() as connection:
            connection.exec_driver_sql("drop table if exists alembic_version")
        database.close()


def test_the_newest_revision_is_alembics_head() -> None:
    """Whether there is something to migrate is told by the names of files; they say what Alembic says."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == newest()


def _comparable(item: Any, name: str | None, _type: str, _reflected: bool, _other: object) -> bool:
    """Return whether metadata can say what the item is: it has no virtual tables, and knows no index of one engine."""
    return not (str(name).startswith("activities_text") or str(name) == "ix_activities_search_text")


def _definitions(connection: sa.Connection) -> list[str]:
    """Return the statements that make the indexes and virtual tables of a database."""
    if connection.dialect.name == "sqlite":
        query = "select sql from sqlite_master where sql like 'CREATE %INDEX %' or sql like 'CREATE VIRTUAL %'"
    else:
        query = "select indexdef from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'"
    return sorted(connection.scalars(sa.text(query)))
