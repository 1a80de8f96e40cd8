"""Fixtures for the tests of pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.portal.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Open an installation on SQLite."""
    made = Site(tmp_path / "data")
    yield made
    made.casb.close()
