"""Private keys at rest: sealed with a key file, so that a dump of the database cannot sign (identity §7.4)."""

from __future__ import annotations

import secrets
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from opencasb.identity.keyfiles import load_or_create

_NONCE = 12


class Vault:
    """AES-256-GCM under the key in ``path``, which is made at its first use.

    Sealed form: 12 bytes of nonce, then the ciphertext with its tag. The label is authenticated, not stored.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(load_or_create(self._path))

    def seal(self, content: bytes, label: str) -> bytes:
        """Encrypt ``content``, bound to ``label``."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, label.encode())

    def open(self, sealed: bytes, label: str) -> bytes | None:
        """Return the content, or None when it was sealed with another key, bound to another label, or changed."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], label.encode())
        except (InvalidTag, ValueError):  # ValueError: shorter than a nonce
            return None
