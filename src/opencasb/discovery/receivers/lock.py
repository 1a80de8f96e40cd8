"""The lock that makes one of several servers on a data directory the one that receives."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK: Final = "receivers.lock"

_WITHOUT_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""Errors from file systems without locks."""


class Locked(Exception):
    """Another server of the data directory is receiving."""


@contextmanager
def receiver_lock(data: Path) -> Iterator[None]:
    """Be the only server of a data directory that receives. Raises :class:`Locked`.

    The system releases the lock when the process ends, however that happens; the file stays.
    """
    path = data / LOCK
    path.touch(mode=0o600)  # any user who can read it could lock it, and nothing would be received
    with path.open("ab") as file:
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
        raise Locked(f"another server receives the logs of {data}; this one takes over when that ends") from None
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
