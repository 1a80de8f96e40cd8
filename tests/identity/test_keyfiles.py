"""Secret files."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from opencasb.identity.keyfiles import DamagedKeyFile, load_or_create, write_private


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    """The first call creates the key; later ones read it; nobody else can."""
    path = tmp_path / "keys" / "pepper"
    key = load_or_create(path)
    assert len(key) == 32
    assert load_or_create(path) == key
    assert (_mode(path), _mode(path.parent)) == (0o600, 0o700)
    assert [each.name for each in path.parent.iterdir()] == ["pepper"]


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    """If several create the key concurrently, all get the same one."""
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(load_or_create, [tmp_path / "keys" / "pepper"] * 64))
    assert len(keys) == 1
    assert [each.name for each in (tmp_path / "keys").iterdir()] == ["pepper"]


def test_a_damaged_key_is_not_used(tmp_path: Path) -> None:
    """A key of the wrong length raises an error that names the file, and is not replaced."""
    path = tmp_path / "pepper"
    path.write_bytes(b"short")
    with pytest.raises(DamagedKeyFile, match=r"pepper holds 5 bytes instead of 32"):
        load_or_create(path)
    assert path.read_bytes() == b"short"


def test_a_private_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """Writing again replaces the content and keeps the mode."""
    path = tmp_path / "tls" / "server.key"
    for content in (b"one", b"two"):
        write_private(path, content)
        assert (path.read_bytes(), _mode(path)) == (content, 0o600)
    assert [each.name for each in path.parent.iterdir()] == ["server.key"]
