"""Throttling: so many calls per tenant and minute, in a moving window (api §5).

It fails open: where the counter's storage breaks, calls pass, the failure is counted and logged. To turn every client
away because counting broke would be the worse failure.
"""

from __future__ import annotations

import math
import time
from typing import Final

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import MovingWindowRateLimiter

from opencasb.identity.throttle import Counts, counted

_log = structlog.get_logger(__name__)

LONGEST_WAIT: Final = 60
"""Seconds of the window; nobody has to wait longer."""


class Throttle:
    """Counts the calls of each tenant, and the failed sign-ins of each address, in one storage."""

    def __init__(self, per_minute: int, storage: Storage | None = None) -> None:
        """Allow ``per_minute`` calls; 0 is no limit. Without ``storage`` this process counts for itself."""
        self.failures = 0
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._window = MovingWindowRateLimiter(storage or Counts()) if per_minute else None

    def wait(self, *key: str) -> int | None:
        """Count a call of ``key``: None if it may go on, else after how many seconds to come again.

        A call that may not go on is not counted.
        """
        if self._limit is None or self._window is None:
            return None
        key = tuple(map(counted, key))
        try:
            if self._window.hit(self._limit, *key):
                return None
            reset = self._window.get_window_stats(self._limit, *key).reset_time
        except Exception as error:  # noqa: BLE001 -- any storage, any failure: see the module's first lines
            self.failures += 1
            _log.warning("throttle_failed_open", error=repr(error), failures=self.failures)
            return None
        return min(LONGEST_WAIT, max(1, math.ceil(reset - time.time())))
