"""Tells pooled connections to PostgreSQL that still serve from those whose server went away, without asking each time.

A server that stops, or ends a session, closes the connection, which is seen from here without a question: where nobody
is asked for anything, nothing comes. Only that is looked at before each use; a server that vanished without a word is
found by the question that is put to connections nobody has used for a while.
"""

from __future__ import annotations

import select
import time
from typing import Any, Final

import sqlalchemy as sa

ASK_AFTER: Final = 1.0
"""Seconds without use after which a connection is asked whether it still serves."""

_USED: Final = "opencasb_used"


def watch(engine: sa.Engine) -> None:
    """Have the connections of a pool looked at before each use; where one is dead, all of them are made anew."""

    def returned(_connection: Any, record: Any) -> None:  # as the pool of any driver gives them
        record.info[_USED] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: object) -> None:
        used = record.info.get(_USED)
        if used is not None and not _serves(engine, connection, ask=time.monotonic() - used >= ASK_AFTER):
            raise sa.exc.InvalidatePoolError

    sa.event.listen(engine, "checkin", returned)
    sa.event.listen(engine, "checkout", taken)


def _serves(engine: sa.Engine, connection: Any, *, ask: bool) -> bool:
    """Tell whether a connection can be used; what something came for is asked in any case."""
    try:
        return not (ask or _has_news(connection)) or bool(engine.dialect.do_ping(connection))
    except engine.dialect.loaded_dbapi.Error:
        return False


def _has_news(connection: Any) -> bool:
    """Tell whether something came, or the other side closed the connection."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
