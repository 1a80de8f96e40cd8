"""Installations with usage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reporting.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A new installation without usage."""
    made = House(tmp_path / "data")
    yield made
    made.casb.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An installation with usage, read-only."""
    made = House(tmp_path_factory.mktemp("filled") / "data")
    made.fill()
    yield made
    made.casb.close()
