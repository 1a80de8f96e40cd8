"""What the lake asks of its place: a folder that is there or can be made, or an object store that keeps commits.

In an object store nobody may overwrite what somebody else has just created: every commit of a Delta table creates the
log entry of the next version with a conditional write. A store that takes the condition and ignores it lets two commits
at once become one, without an error anywhere.
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
    """Make the folder ``root``, or create an object below the URL ``root`` twice, and remove it.

    Raises :class:`UnsafeStore` when the second one is taken, or when nothing can be written there at all.
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
        reason = str(error).partition("\n")[0]  # the rest is a trace of the library
        raise UnsafeStore(f"the lake {root!r} cannot be written: {reason}") from error
    raise UnsafeStore(
        f"the lake {root!r} is on a store that ignores conditional writes (If-None-Match): commits would be lost"
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnsafeStore(f"setting lake_url: the folder {str(folder)!r} cannot be made: {error.strerror}") from error
