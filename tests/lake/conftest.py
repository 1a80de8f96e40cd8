"""Fixtures for the tests of the lake."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.lake.usage import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake in ``tmp_path``."""
    return Lake(str(tmp_path))
