"""Checks of the lake's location: a folder that exists or can be created, or an object store that keeps commits safe.

In an object store no writer may overwrite what another has just created: every commit of a Delta table creates the log
entry of the next version with a conditional write. A store that accepts the condition but ignores it silently loses one
of two concurrent commits.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

RETRY_TIMEOUT: Final = timedelta(seconds=10)


class UnsafeStore(Exception):
    """A folder or object store that cannot hold a lake, and why."""


def check(root: str) -> None:
    """Create the folder ``root``, or probe the URL ``root`` by creating an object twice, and remove the object.

    Raises :class:`UnsafeStore` if the second creation succeeds, or if nothing can be written at all.
    """
    if "://" not in root:
        _make(Path(root))
        return
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError
    from obstore.store import from_url

    probe = f"probe-{uuid4().hex}"
    try:
        store = from_url(root, retry_config={"max_retries": 2, "retry_timeout": RETRY_TIMEOUT})
        obstore.put(store, probe, b"", mode="create")
        try:
            obstore.put(store, probe, b"", mode="create")
        except AlreadyExistsError:
            return
        finally:
            obstore.delete(store, probe)
    except (BaseError, OSError, ValueError) as error:  # a missing bucket is a FileNotFoundError
        reason = str(error).partition("\n")[0]  # the rest is a stack trace from the library
        raise UnsafeStore(f"the lake {root!r} cannot be written: {reason}") from error
    raise UnsafeStore(
        f"the lake {root!r} is on a store that ignores conditional writes (If-None-Match): commits would be lost"
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnsafeStore(f"setting lake_url: the folder {str(folder)!r} cannot be made: {error.strerror}") from error
