"""Encryption of private keys at rest with a key file, so that a database dump cannot sign (identity §7.4)."""

from __future__ import annotations

import secrets
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from opencasb.identity.keyfiles import load_or_create

_NONCE = 12


class Vault:
    """AES-256-GCM with the key in ``path``, which is created on first use.

    Sealed form: a 12-byte nonce, then the ciphertext with its tag. The label is authenticated, not stored.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(load_or_create(self.path))

    def seal(self, content: bytes, label: str) -> bytes:
        """Encrypt ``content``, bound to ``label``."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, label.encode())

    def open(self, sealed: bytes, label: str) -> bytes | None:
        """Return the content, or None if it was sealed with another key or label, or tampered with."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], label.encode())
        except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
            return None
