"""Rate limiting per tenant and minute, in a sliding window (api §5).

It fails open: if the counter storage breaks, calls pass, and the failure is counted and logged. Turning every client
away because counting broke would be worse.
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
"""Length of the window in seconds; the longest wait."""


class Throttle:
    """Counts each tenant's calls and each address's failed authentications, in one storage."""

    def __init__(self, per_minute: int, storage: Storage | None = None) -> None:
        """Allow ``per_minute`` calls, 0 for unlimited. Without ``storage`` counts are local to this process."""
        self.failures = 0
        self._limit = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._window = MovingWindowRateLimiter(storage or Counts()) if per_minute else None

    def wait(self, *key: str) -> int | None:
        """Count a call of ``key``; return None if it may proceed, else the seconds to wait.

        A refused call is not counted.
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
