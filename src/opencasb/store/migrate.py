"""Migration of a database to the current schema."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

import opencasb.store
from opencasb.store.database import Database, metadata, unhurried

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK: Final = 0x0CA5B
"""PostgreSQL advisory lock: of several servers that start together one migrates while the others wait."""


class NewerSchema(Exception):
    """A newer version of the program has migrated the database; this one could not write to it safely."""


def upgrade(database: Database) -> None:
    """Run the pending migrations of ``database``; every server and command does this at start-up.

    Imports Alembic only if a migration is pending, because that costs 0.2 s. Raises :class:`NewerSchema`.
    """
    with database.read() as connection:
        there = _revision(connection)
    if there == newest():
        return
    if there is not None and there > newest():
        raise NewerSchema(
            f"the database has the schema {there} of a newer version of OpenCASB, this one knows up to {newest()}: "
            "run that version, or restore a backup from before the upgrade"
        )
    from alembic import command

    with database.write() as connection:
        unhurried(connection)
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(configuration(connection), "head")


def newest() -> str:
    """Return the newest revision: migration files begin with their revision number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: sa.Connection) -> str | None:
    versions = sa.table("alembic_version", sa.column("version_num", sa.String))
    if not sa.inspect(connection).has_table(versions.name):
        return None
    return connection.scalar(sa.select(versions.c.version_num))


def complete_metadata() -> sa.MetaData:
    """Return the metadata with the tables of every repository module."""
    for module in pkgutil.iter_modules(opencasb.store.__path__, "opencasb.store."):
        if not module.ispkg:
            importlib.import_module(module.name)
    return metadata


def configuration(connection: sa.Connection) -> Config:
    """Return the Alembic configuration for migrating over ``connection``."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made
