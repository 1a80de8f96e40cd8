"""The owner of a lease: a process on a host, as ``host:pid`` or ``host:pid:anything``."""

from __future__ import annotations

import os
import socket


def this_process() -> str:
    """Return this process as a lease owner."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(owner: str) -> bool:
    """Return whether an owner was a process on this host that no longer runs."""
    host, _, rest = owner.partition(":")
    process = rest.partition(":")[0]
    if host != socket.gethostname() or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
