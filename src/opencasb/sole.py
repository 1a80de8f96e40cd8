"""One server for each data directory: a second would take what the first is writing for what a killed one left."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK: Final = "serve.lock"

_WITHOUT_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""Errors of file systems that have no locks."""


class Occupied(Exception):
    """Another server uses the data directory."""


@contextmanager
def sole_server(data: Path) -> Iterator[None]:
    """Keep other servers away from a data directory, made if it is not there. Raises :class:`Occupied`.

    The system ends the lock with its process, however that ends; the file stays. Other commands do not ask for it.
    """
    data.mkdir(parents=True, exist_ok=True)
    with (data / LOCK).open("ab") as file:
        _lock(file.fileno(), data)
        yield


def _lock(descriptor: int, data: Path) -> None:
    try:
        import fcntl
    except ImportError:  # not a Unix
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Occupied(f"another server uses this data directory: {data}") from None
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
