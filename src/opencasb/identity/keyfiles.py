"""Secret files in the data directory: created once, readable only by their owner, never in the database."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

KEY_FOLDER: Final = "keys"
"""Folder in the data directory for secrets that the database must not hold."""
PEPPER: Final = "pepper"
VAULT: Final = "vault"
SIZE: Final = 32
"""Size of a key in bytes."""


class DamagedKeyFile(Exception):
    """A key file is not the one that secrets and keys were made with; the message names it."""


class LostKeyFile(DamagedKeyFile):
    """What was sealed with a lost key file is needed: work waits until the file is restored."""


def write_private(path: Path, content: bytes) -> None:
    """Atomically write ``content`` to ``path``, with mode 0600 in a directory of mode 0700."""
    temporary = _prepare(path, content)
    temporary.replace(path)


def load_or_create(path: Path) -> bytes:
    """Return the :data:`SIZE` random bytes stored at ``path``; the first call generates them.

    If several processes start together, one creates the file and the others read it. Raises :class:`DamagedKeyFile`
    if the file has another size.
    """
    if not path.exists():
        temporary = _prepare(path, secrets.token_bytes(SIZE))
        with suppress(FileExistsError):
            os.link(temporary, path)  # unlike a rename, a link never replaces a file another process just created
        temporary.unlink()
    content = path.read_bytes()
    if len(content) != SIZE:
        told = f"{path} holds {len(content)} bytes instead of {SIZE}: restore the key file from a backup"
        raise DamagedKeyFile(told)
    return content


def _prepare(path: Path, content: bytes) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary
