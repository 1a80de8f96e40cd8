"""Digests of fully random secrets: client secrets and API tokens (identity §10.4).

A keyed hash suffices for them: they cannot be guessed, and a slow password hash would cost 0.2 s per call. Without the
key file, a stolen database does not even reveal whether a secret found elsewhere is one of ours.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from opencasb.identity.keyfiles import load_or_create


class Pepper:
    """HMAC-SHA-256 with the key in ``path``, which is created on first use.

    If ``in_use`` says that there are digests already, a missing file is an accident, which is logged.
    """

    def __init__(self, path: Path, in_use: Callable[[], bool] = lambda: False) -> None:
        self._path = path
        self._in_use = in_use

    def read(self) -> None:
        """Read the key file, creating it if missing. Raises ``DamagedKeyFile`` and ``OSError``."""
        _ = self._key

    @cached_property
    def _key(self) -> bytes:
        if not self._path.exists() and self._in_use():
            import structlog

            structlog.get_logger(__name__).warning(
                "key file missing, so a new one is made: earlier API tokens, client secrets and sessions are refused",
                file=str(self._path),
                remedy="restore the file from a backup, or replace them",
            )
        return load_or_create(self._path)

    def digest(self, purpose: str, secret: str) -> str:
        """Return the hex digest of ``secret``, which differs for each ``purpose``."""
        return hmac.new(self._key, f"{purpose}\0{secret}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
