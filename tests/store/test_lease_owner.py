"""Lease owners."""

from __future__ import annotations

import os
import socket

from opencasb.store.lease_owner import is_gone, this_process


def test_owners_that_are_gone() -> None:
    """Only processes of this machine can be known to have ended; this process and its parent are running."""
    here = socket.gethostname()
    for alive in (this_process(), f"{this_process()}:aa", f"{here}:{os.getppid()}"):
        assert not is_gone(alive)
    assert is_gone(f"{here}:999999999")
    assert is_gone(f"{here}:4194399:aa")
    for unknown in ("elsewhere:4194399:aa", f"{here}:x:aa", here, ""):
        assert not is_gone(unknown)
