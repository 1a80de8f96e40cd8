"""Migration of a database to the current schema."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

import opencasb.store
from opencasb.store.database import Database, metadata, unhurried
from opencasb.store.outage import outage_of, reason_of

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS: Final = Path(__file__).parent / "migrations"
LOCK: Final = 0x0CA5B
"""PostgreSQL advisory lock: of several servers that start together one migrates while the others wait."""


class UnusableSchema(Exception):
    """The database has a schema that this program can neither use nor migrate; it was left unchanged."""


def upgrade(database: Database) -> None:
    """Run the pending migrations of ``database``, all or none; every server and command does this at start-up.

    Imports Alembic only if a migration is pending, because that costs 0.2 s. Raises :class:`UnusableSchema`.
    """
    with database.read() as connection:
        if _is_current(connection):
            return
    started = monotonic()
    with database.write() as connection:
        unhurried(connection)
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        there = _revision(connection)
        if not _is_current(connection):  # another server may have migrated it meanwhile
            _migrate(connection, there)
    if there not in {None, newest()}:  # only now that it is committed
        _log("migrated", schema=newest(), seconds=round(monotonic() - started, 1))


def _is_current(connection: sa.Connection) -> bool:
    there = _revision(connection)
    if there is not None and there > newest():
        raise UnusableSchema(
            f"the database has the schema {there} of a newer version of OpenCASB, this one knows up to {newest()}: "
            "run that version, or restore a backup from before the upgrade"
        )
    return there == newest()


def _migrate(connection: sa.Connection, there: str | None) -> None:
    from alembic import command

    config = configuration(connection)
    if there is not None:
        _log("migrate", schema=there, to=newest())
        config.attributes["progress"] = lambda step, **_: _log("migrate", schema=step.up_revision_id)
    try:
        command.upgrade(config, "head")
    except sa.exc.DBAPIError as error:
        if outage_of(error):
            raise
        raise _unlike(there, reason_of(error)) from error
    if missing := _missing(connection):
        raise _unlike(there, f"it lacks {', '.join(missing)}")


def _unlike(revision: str | None, reason: str) -> UnusableSchema:
    """Return the error of a database from an unfinished version, or with other tables than ours."""
    return UnusableSchema(
        f"the database cannot be migrated to the schema {newest()}: it is not what its version "
        f"({revision or 'none'}) says: {reason}. Nothing was changed: restore a backup, or set up a new data directory"
    )


def _missing(connection: sa.Connection) -> list[str]:
    """Return the tables, and the columns of other tables, that the repositories have and the database lacks."""
    there = sa.inspect(connection).get_multi_columns()
    found = {name: {column["name"] for column in columns} for (_, name), columns in there.items()}
    wanted = {name: set(table.columns.keys()) for name, table in complete_metadata().tables.items()}
    columns = (f"{name}.{column}" for name in wanted.keys() & found.keys() for column in wanted[name] - found[name])
    return sorted([*(wanted.keys() - found.keys()), *columns])


def _log(event: str, **values: object) -> None:
    import structlog  # 70 ms that every command would pay

    structlog.get_logger(__name__).info(event, **values)


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
