"""Fixtures of the tests of receivers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.settings import Settings


@pytest.fixture
def casb(tmp_path: Path) -> Iterator[Casb]:
    """Open an installation with one tenant."""
    opened = Casb.open(Settings(data=tmp_path / "data"))
    opened.tenants.create("Example")
    yield opened
    opened.close()
