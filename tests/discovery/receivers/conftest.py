"""Fixtures for the receiver tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opencasb.app import now_ms
from opencasb.discovery.receivers import service
from opencasb.settings import Settings
from tests.server import free_port


@pytest.fixture
def clock() -> Callable[[], int]:
    """The current time."""
    return now_ms


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Receivers that look for changes often, and keep lines until they end."""
    for name in ("RELOAD_SECONDS", "POLL_SECONDS", "TICK_SECONDS"):
        monkeypatch.setattr(service, name, 0.02)
    return Settings(
        data=tmp_path / "data", flush_seconds=600, ftp_port=free_port(), sftp_port=free_port(), ftp_passive_ports=""
    )
