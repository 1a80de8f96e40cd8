"""What the lake asks of an object store: that nobody overwrites what somebody else has just created.

Every commit of a Delta table creates the log entry of the next version with a conditional write. A store that takes
the condition and ignores it lets two commits at once become one, without an error anywhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import uuid4

RETRY_TIMEOUT: Final = timedelta(seconds=10)


class UnsafeStore(Exception):
    """An object store that cannot hold a lake, and why."""


def check(root: str) -> None:
    """Create an object below the URL ``root`` twice, and remove it.

    Raises :class:`UnsafeStore` when the second one is taken, or when the store cannot be written to at all.
    """
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
