"""Bringing a database to the present schema."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

import opencasb.store
from opencasb.store.database import Database, metadata

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK: Final = 0x0CA5B
"""Advisory lock of PostgreSQL: of several servers that start together one migrates, the others wait."""


def upgrade(database: Database) -> None:
    """Run the migrations that ``database`` does not have yet; every server does this when it starts."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with database.read() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        command.upgrade(_configuration(connection), "head")


def complete_metadata() -> sa.MetaData:
    """Return the metadata with the tables of every repository module."""
    for module in pkgutil.iter_modules(opencasb.store.__path__, "opencasb.store."):
        if not module.ispkg:
            importlib.import_module(module.name)
    return metadata


def _configuration(connection: sa.Connection) -> Config:
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["connection"] = connection
    return configuration
