"""Sealed private keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.identity.vault import Vault


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """Open a vault with its own key."""
    return Vault(tmp_path_factory.mktemp("vault") / "key")


@given(content=st.binary(), label=st.text())
def test_what_is_sealed_can_be_opened(vault: Vault, content: bytes, label: str) -> None:
    """The content is returned under its label, and is unreadable while sealed."""
    sealed = vault.seal(content, label)
    assert vault.open(sealed, label) == content
    assert len(content) < 4 or content not in sealed


@given(sealed=st.binary(max_size=100))
def test_anything_else_does_not_open(vault: Vault, sealed: bytes) -> None:
    """Bytes that were never sealed cannot be opened."""
    assert vault.open(sealed, "label") is None


def test_label_key_and_every_byte_count(vault: Vault, tmp_path: Path) -> None:
    """With another label, another key or a changed byte the content cannot be opened."""
    sealed = vault.seal(b"secret", "label")
    assert vault.open(sealed, "other") is None
    assert Vault(tmp_path / "other").open(sealed, "label") is None
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        assert vault.open(bytes(changed), "label") is None
