"""Fixtures for the discovery tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opencasb.store.database import Database
from tests.discovery.receiving import House


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: Callable[[], int]) -> House:
    """An intake on an empty store."""
    return House(database, tmp_path / "uploads", clock)
