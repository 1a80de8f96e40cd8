"""Keeps SQLite's write-ahead log short.

SQLite restarts its log only when no connection reads from it and all of it is in the database. Back-to-back readers or
writers leave no such moment: two concurrent writers of activities made a log of 2 GB beside a database of one. So the
connection that finds the log too long blocks writers until the others have finished.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from sqlite3 import Error
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlalchemy as sa

LONGEST: Final = 64 * 1024 * 1024
"""Log size in bytes that is left alone; SQLite itself tries to restart the log at a quarter of it."""

_WAITED: Final = 2.0
"""Seconds that other connections may take to finish; writing a thousand activities takes less."""

_ATTEMPT: Final = 100
"""Duration (ms) of one attempt by SQLite. It waits for a read mark of old readers, which new readers take over
meanwhile and keep; on the next attempt it sees that those do not block it."""

_AGAIN: Final = 30.0
"""Seconds until the next attempt if other connections took longer."""


class WriteAheadLog:
    """The log of one database file."""

    def __init__(self, database: str, busy_timeout: int) -> None:
        """``busy_timeout`` (ms) is how long connections normally wait for each other."""
        self._path = Path(f"{database}-wal")
        self._busy_timeout = busy_timeout
        self._turn = Lock()
        self._not_before = 0.0

    def keep_short(self, connection: sa.Connection) -> None:
        """Restart the log if it is too long, on a connection that has just ended its transaction.

        That transaction is durable whether or not this succeeds.
        """
        if not self._is_long() or not self._turn.acquire(blocking=False):
            return
        try:
            if time.monotonic() >= self._not_before and not self._started_anew(connection.connection.driver_connection):
                self._not_before = time.monotonic() + _AGAIN
        finally:
            self._turn.release()

    def _is_long(self) -> bool:
        with suppress(OSError):  # a database in memory has none
            return self._path.stat().st_size > LONGEST
        return False

    def _started_anew(self, connection: Any) -> bool:  # of the driver; SQLAlchemy would begin a transaction
        until = time.monotonic() + _WAITED
        connection.execute(f"PRAGMA busy_timeout={_ATTEMPT}")
        try:
            while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > until:
                    return False
        except Error:  # a full disk
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout={self._busy_timeout}")
        return True
