"""Logs failures of background work: one line for an outage, which passes, a traceback for anything else."""

from __future__ import annotations

from time import monotonic
from typing import Final

import structlog

from opencasb.store.outage import outage_of

AGAIN_SECONDS: Final = 60.0
"""Seconds before a lasting outage of the same work is logged again; the work is retried many times a minute."""

_log = structlog.get_logger(__name__)
_told: dict[str, float] = {}
"""What was logged in the last minute → when, in clock seconds."""


def log_failure(event: str, error: BaseException, **facts: object) -> None:
    """Log that work failed with ``error``; no traceback for an outage such as a full disk or a locked database."""
    outage = outage_of(error)
    if outage is None:
        _log.error(event, exc_info=error, **facts)
    elif _is_news(f"{event} {outage} {facts}", monotonic()):
        _log.error(event, reason=str(outage), error=repr(error), **facts)


def _is_news(text: str, now: float) -> bool:
    for each, when in list(_told.items()):
        if now - when >= AGAIN_SECONDS:
            _told.pop(each, None)
    known = text in _told
    _told.setdefault(text, now)
    return not known
