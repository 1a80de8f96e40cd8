"""Fixtures of the whole suite."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa

from opencasb.store.database import Database
from opencasb.store.migrate import complete_metadata
from tests import postgres

hypothesis.settings.register_profile(
    "house",
    deadline=None,  # no test is about time: a busy machine is no failure
    derandomize=bool(os.environ.get("CI")),  # CI decides about a change, not about luck; elsewhere examples are new
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")

NOW = 1_763_640_000_000
"""The clock of the tests: 2025-11-20T12:00:00Z."""


@pytest.fixture
def clock() -> Callable[[], int]:
    """A clock that stands still at NOW."""
    return lambda: NOW


@pytest.fixture
def shared() -> Path:
    """The folder of shared references and samples; skips where it is absent."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the shared samples are not on this machine")
    return folder


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
    """The URL of an operational database, on each engine in turn."""
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
    """Create every table, and empty those that an earlier test of this session left."""
    metadata = complete_metadata()
    metadata.create_all(opened.engine)
    if not opened.is_sqlite:
        with opened.write() as connection:
            names = ", ".join(table.name for table in metadata.sorted_tables)
            if names:
                connection.execute(sa.text(f"truncate {names}"))
