"""Detects pooled PostgreSQL connections whose server is gone, without a ping before each use.

A server that stops, or ends a session, closes the connection, and the idle socket becomes readable. Only that is
checked before each use; a server that vanished silently is detected by pinging connections that have been idle for a
while.
"""

from __future__ import annotations

import select
import time
from typing import Any, Final

import sqlalchemy as sa

ASK_AFTER: Final = 1.0
"""Seconds of idleness after which a connection is pinged."""

_USED: Final = "opencasb_used"


def watch(engine: sa.Engine) -> None:
    """Check a pool's connections before each use; if one is dead, replace all of them."""

    def returned(_connection: Any, record: Any) -> None:  # as the pool of any driver gives them
        record.info[_USED] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: object) -> None:
        used = record.info.get(_USED)
        if used is not None and not _serves(engine, connection, ask=time.monotonic() - used >= ASK_AFTER):
            raise sa.exc.InvalidatePoolError

    sa.event.listen(engine, "checkin", returned)
    sa.event.listen(engine, "checkout", taken)


def _serves(engine: sa.Engine, connection: Any, *, ask: bool) -> bool:
    """Return whether a connection is usable; always pings if its socket is readable."""
    try:
        return not (ask or _has_news(connection)) or bool(engine.dialect.do_ping(connection))
    except engine.dialect.loaded_dbapi.Error:
        return False


def _has_news(connection: Any) -> bool:
    """Return whether data arrived or the other side closed the connection."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
