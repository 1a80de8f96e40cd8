"""The operational database: SQLite in WAL mode or PostgreSQL behind one small interface.

Repositories take a :class:`Database`; every one of their methods takes the tenant first, so no query can forget it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from opencasb.store import liveness
from opencasb.store.insert import insert_into
from opencasb.store.write_ahead_log import WriteAheadLog

metadata: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_COMPRESSION: Final = (
    "SELECT set_config(name, 'lz4', false) FROM pg_settings"
    " WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
)
"""lz4 where the server supports it: 40 µs less server time per activity, of some 240, than the older method."""

_NETWORK: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""Timeouts (s; the last in ms) for a PostgreSQL server that vanished silently, unless the URL sets them.

The operating system's own are two minutes for a new connection and 15 to 130 minutes for an established one.
"""

CONNECTIONS: Final = 40
"""Pooled connections, one for each thread that serves requests; the pool may briefly overflow by ten.

On PostgreSQL the first statement on a new connection takes 25 ms while its process loads the catalogue. A store that
pooled ten and served 64 clients opened forty a second.
"""

_PLAN_ONCE: Final = "SET LOCAL plan_cache_mode = force_generic_plan"
"""Writers look records up by key, so one generic plan suits any values."""


def new_id() -> str:
    """Return a new object id: 24 lower-case hex characters (api §1.2)."""
    return secrets.token_hex(12)


def inline(rows: int) -> sa.ColumnElement[int]:
    """Return a row count for ``LIMIT`` or ``OFFSET`` that is rendered into the SQL text, not bound as a parameter.

    PostgreSQL caches a generic plan only if it expects it to be as good as one made for the given parameters. With a
    bound limit it never does, and planning for a table of 16 months with 21 indexes takes 3 ms.
    """
    return sa.literal(rows, sa.Integer, literal_execute=True)


class Database:
    """A connection pool with two ways to use it: :meth:`read` and :meth:`write`."""

    def __init__(self, url: str, *, lock_seconds: float = 30, statement_seconds: float = 0) -> None:
        """Open ``url`` (``sqlite:///path`` or ``postgresql+psycopg://...``); nothing is created or migrated yet.

        Waiting longer than ``lock_seconds`` for a lock, or on PostgreSQL running a statement longer than
        ``statement_seconds``, raises an error that :mod:`opencasb.store.outage` classifies as busy. 0 statement seconds
        means no limit.
        """
        self.url = url
        # LIFO: the connection used last has the warmest caches. Parameters are hidden because error texts are logged,
        # and parameters hold keys, hashes and personal data.
        options = {"pool_use_lifo": True, "pool_size": CONNECTIONS, "hide_parameters": True}
        self._log: WriteAheadLog | None = None
        self.engine = sa.create_engine(_patient(url), **options)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "connect", _busy_timeout(lock_seconds))
            sa.event.listen(self.engine, "begin", _begin_sqlite)
            self._log = WriteAheadLog(str(self.engine.url.database), round(lock_seconds * 1000))
        else:
            sa.event.listen(self.engine, "connect", _prepare_postgresql(lock_seconds, statement_seconds))
            liveness.watch(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, the embedded engine."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a connection for queries only; all of them see the same snapshot.

        The transaction ends with a commit, because a rollback discards all prepared statements.
        """
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}  # SQLite always isolates like this
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def lookup(self) -> Iterator[sa.Connection]:
        """Open a connection for a single query, in autocommit mode: one query is its own snapshot."""
        options = {"opencasb_begin": ""} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that commits when the block ends and rolls back when it raises.

        On SQLite the write lock is taken at once, so that two writers queue up instead of failing half-way.
        """
        with self.engine.connect().execution_options(opencasb_begin="BEGIN IMMEDIATE") as connection:
            with connection.begin():
                if not self.is_sqlite:
                    connection.exec_driver_sql(_PLAN_ONCE)
                yield connection
            if self._log:
                self._log.keep_short(connection)

    def any_of(self, column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
        """Return the condition that a column has one of the values in the list bound to the parameter ``name``.

        On PostgreSQL the list is one array, so the statement is the same for any number of values and its plan is
        cached.
        """
        if self.is_sqlite:
            return column.in_(sa.bindparam(name, expanding=True))
        return column == sa.any_(sa.bindparam(name, type_=sa.ARRAY(column.type)))

    def upsert(
        self,
        connection: sa.Connection,
        table: sa.Table,
        rows: Sequence[Mapping[str, Any]],  # column values of any type
        *,
        update: Sequence[str] = (),
    ) -> int:
        """Insert ``rows``; on a primary key conflict update the ``update`` columns, or keep the row if there are none.

        Returns the number of rows written.
        """
        if not rows:
            return 0
        statement = insert_into(self.engine.dialect.name, table)
        key = list(table.primary_key.columns)
        if update:
            statement = statement.on_conflict_do_update(
                index_elements=key, set_={name: statement.excluded[name] for name in update}
            )
        else:
            statement = statement.on_conflict_do_nothing(index_elements=key)
        # Without this option SQLAlchemy does not ask psycopg for the row count.
        return connection.execute(statement, list(rows), execution_options={"preserve_rowcount": True}).rowcount

    def insert(self, connection: sa.Connection, table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
        """Bulk-insert new rows, given as the values of all columns.

        Uses the driver's own bulk path, which on PostgreSQL is COPY.
        """
        if not rows:
            return
        statement = _bulk_insert(table, is_sqlite=self.is_sqlite)
        if self.is_sqlite:
            connection.exec_driver_sql(statement, rows)
            return
        with connection.connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


@cache
def _bulk_insert(table: sa.Table, *, is_sqlite: bool) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.c)
    places = ", ".join("?" * len(table.c))
    target = f"{table.name} ({columns})"
    return f"INSERT INTO {target} VALUES ({places})" if is_sqlite else f"COPY {target} FROM STDIN"  # noqa: S608


def _patient(url: str) -> sa.URL:
    made = sa.make_url(url)
    return made if made.get_backend_name() == "sqlite" else made.set(query={**_NETWORK, **made.query})


def _prepare_sqlite(connection: Any, _record: object) -> None:  # a DBAPI connection has no common type
    connection.isolation_level = None  # transactions begin in _begin_sqlite
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "case_sensitive_like=ON",
        # A thousand activities dirty some 10 MB of pages; with SQLite's default 2 MB each takes 18 µs more.
        "cache_size=-16384",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _busy_timeout(seconds: float) -> Callable[[Any, object], None]:
    def prepare(connection: Any, _record: object) -> None:  # a DBAPI connection has no common type
        connection.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")

    return prepare


def _prepare_postgresql(lock_seconds: float, statement_seconds: float) -> Callable[[Any, object], None]:
    def prepare(connection: Any, _record: object) -> None:  # a DBAPI connection has no common type
        connection.autocommit = True  # a SET inside a transaction would be undone by a rollback
        connection.execute(f"SET lock_timeout = {round(lock_seconds * 1000)}")
        connection.execute(f"SET statement_timeout = {round(statement_seconds * 1000)}")
        connection.execute(_COMPRESSION)
        connection.autocommit = False

    return prepare


def unhurried(connection: sa.Connection) -> None:
    """Lift the lock and statement timeouts for one transaction: schema changes, which nobody waits for."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("SET LOCAL lock_timeout = 0"))
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))


def _begin_sqlite(connection: sa.Connection) -> None:
    if statement := connection.get_execution_options().get("opencasb_begin", "BEGIN"):
        connection.exec_driver_sql(statement)
