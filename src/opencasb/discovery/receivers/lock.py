"""One server of a data directory receives: a second would take what the first is writing for what a killed one left."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOCK: Final = "receivers.lock"

_WITHOUT_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""Errors of file systems that have no locks."""


class Locked(Exception):
    """Another server of the data directory receives."""


@contextmanager
def receiver_lock(data: Path) -> Iterator[None]:
    """Be the one server of a data directory that receives. Raises :class:`Locked`.

    The system ends the lock with its process, however that ends; the file stays.
    """
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
        raise Locked(f"another server receives the logs of {data}; this one takes over when that ends") from None
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
