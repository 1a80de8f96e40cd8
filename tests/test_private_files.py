"""Files that only their owner may read."""

from __future__ import annotations

from pathlib import Path

from opencasb.app import Casb
from opencasb.discovery.receivers.lock import LOCK, receiver_lock
from opencasb.settings import load


def test_what_shows_peoples_doings_is_for_the_owners_eyes(tmp_path: Path) -> None:
    """Database and logs are private, and so is a new lake; an existing one keeps its mode."""
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake").chmod(0o750)
    casb = Casb.open(load(tmp_path))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes.pop("lake") == 0o750
    assert {"opencasb.sqlite3", "opencasb.sqlite3-wal", "uploads", "receivers"} <= set(modes)
    assert not any(mode & 0o077 for mode in modes.values())
    casb.close()


def test_nobody_else_can_take_the_lock_of_the_receivers(tmp_path: Path) -> None:
    """To read the file is enough to lock it."""
    with receiver_lock(tmp_path):
        assert (tmp_path / LOCK).stat().st_mode & 0o777 == 0o600
