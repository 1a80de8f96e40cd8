"""Fixtures for the whole suite."""

from __future__ import annotations

import functools
import os
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import trustme
from argon2 import PasswordHasher

from opencasb import logs
from opencasb.app import Casb
from opencasb.identity import keyring, passwords
from opencasb.settings import Settings
from opencasb.store import database as store_database
from opencasb.store import migrate
from opencasb.store.database import Database
from opencasb.store.migrate import complete_metadata
from tests import postgres

hypothesis.settings.register_profile(
    "house",
    deadline=None,  # no deadlines: a busy machine must not fail tests
    derandomize=bool(os.environ.get("CI")),  # the same examples every time in CI, new ones elsewhere
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")

NOW = 1_763_640_000_000
"""The tests' clock: 2025-11-20T12:00:00Z."""


SLOW_FOLDERS = {"browser", "clients", "faults"}
"""Tests of whole servers, of third-party programs and browsers, and of killed processes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that ``make fast`` leaves out: whole servers, and PostgreSQL."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        engines = getattr(item, "callspec", None)
        if folder in SLOW_FOLDERS or (engines and engines.params.get("database_url") == "postgresql"):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def clock() -> Callable[[], int]:
    """A clock fixed at NOW."""
    return lambda: NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of ``casb``."""
    return Settings(data=tmp_path / "data")


@pytest.fixture
def casb(settings: Settings, clock: Callable[[], int]) -> Iterator[Casb]:
    """An installation with one tenant."""
    opened = Casb.open(settings, clock)
    opened.tenants.create("Example")
    yield opened
    opened.close()


@pytest.fixture
def shared() -> Path:
    """The folder of shared references and samples; skips the test if it is absent."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the shared samples are not on this machine")
    return folder


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    """A CA that nothing else trusts."""
    return trustme.CA()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a real PostgreSQL server."""
    if postgres.binaries() is None:
        message = "PostgreSQL is not installed: its tests are SKIPPED"
        if os.environ.get("CI"):
            pytest.fail(message)
        warnings.warn(pytest.PytestWarning(message), stacklevel=1)
        pytest.skip(message)
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an operational database, once per engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'casb.sqlite3'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty operational database with its schema."""
    opened = Database(database_url)
    create_schema(opened)
    yield opened
    opened.close()


def create_schema(opened: Database) -> None:
    """Create every table, and empty those left by earlier tests of this session."""
    metadata = complete_metadata()
    if opened.is_sqlite and _begin_with(_created(), opened):
        return
    metadata.create_all(opened.engine)
    if not opened.is_sqlite:  # most are empty, and checking is much faster than truncating
        names = ", ".join(f"'{table.name}'" for table in metadata.sorted_tables)
        with opened.write() as connection:
            connection.exec_driver_sql(EMPTIED.format(names))


EMPTIED = """
do $$
declare found name; filled boolean;
begin
    foreach found in array array[{}] loop
        execute 'select exists (select from ' || found || ')' into filled;
        if filled then execute 'delete from ' || found; end if;
    end loop;
end $$
"""


@pytest.fixture(scope="session", autouse=True)
def lines_of_the_program() -> None:
    """Log as the program does: structlog's default tracebacks take a third of a second each."""
    logs.to_stderr()


@pytest.fixture(scope="session", autouse=True)
def checked_answers() -> None:
    """Validate every API response against its contract, whichever client a test uses."""
    from tests.api.answers import check_always

    check_always()


@pytest.fixture(autouse=True)
def answers_of_the_contracts(checked_answers: None) -> Iterator[None]:
    """Fail the test if a server in its own thread sent an invalid response, which it only logs."""
    from tests.api.answers import PROBLEMS

    yield
    found = PROBLEMS.copy()
    PROBLEMS.clear()
    assert found == []


@pytest.fixture(scope="session", autouse=True)
def quick_installations() -> Iterator[None]:
    """Skip slow work that no test checks: migrating and syncing each new SQLite database, costly hashes and keys."""
    from tests.identity.standin import spare_key

    upgrade, prepare = migrate.upgrade, store_database._prepare_sqlite
    migrated = functools.cache(lambda: _template(upgrade))

    def upgraded(opened: Database) -> None:
        if opened.is_sqlite:
            _begin_with(migrated(), opened)
        upgrade(opened)

    def prepared(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrate, "upgrade", upgraded)
        patched.setattr(store_database, "_prepare_sqlite", prepared)
        patched.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        patched.setattr(keyring, "new_rsa_key", spare_key)
        yield


def _begin_with(template: bytes, opened: Database) -> bool:
    """Copy the template to the database's path, unless there is more than an empty file; returns whether it did."""
    name = opened.engine.url.database
    if not name or (Path(name).exists() and Path(name).stat().st_size):
        return False
    Path(name).write_bytes(template)
    return True


@functools.cache
def _created() -> bytes:
    return _template(lambda opened: complete_metadata().create_all(opened.engine))


def _template(make: Callable[[Database], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.sqlite3"
        opened = Database(f"sqlite:///{path}")
        make(opened)
        opened.close()
        return path.read_bytes()
