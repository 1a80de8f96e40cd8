"""Who holds a lease: a process of a machine, as ``host:pid`` or ``host:pid:anything``."""

from __future__ import annotations

import os
import socket


def this_process() -> str:
    """Return this process as an owner."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_gone(owner: str) -> bool:
    """Tell whether an owner was a process of this machine that does not run any more."""
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
