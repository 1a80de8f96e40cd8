"""Log lines of background work that failed: a line for an outage, which passes, a traceback for anything else."""

from __future__ import annotations

import structlog

from opencasb.store.outage import outage_of

_log = structlog.get_logger(__name__)


def log_failure(event: str, error: BaseException, **facts: object) -> None:
    """Log that work failed by ``error``, whose traceback nobody needs who has a full disk or a locked database."""
    outage = outage_of(error)
    if outage is None:
        _log.error(event, exc_info=error, **facts)
    else:
        _log.error(event, reason=str(outage), error=repr(error), **facts)
