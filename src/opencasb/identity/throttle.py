"""Counting what an address may not do too often, such as guessing client secrets (identity §12)."""

from __future__ import annotations

import math
import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

FAILURES_PER_MINUTE: Final = 20


class Throttle:
    """Counts failures, or requests, per key (client and address) in a moving window of minutes, in this process."""

    def __init__(self, failures: int = FAILURES_PER_MINUTE, minutes: int = 1) -> None:
        self._limit = RateLimitItemPerMinute(failures, minutes)
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, *key: str) -> int | None:
        """Return after how many seconds ``key`` may try again, or None when it may now."""
        if self._window.test(self._limit, *key):
            return None
        return max(1, math.ceil(self._window.get_window_stats(self._limit, *key).reset_time - time.time()))

    def failed(self, *key: str) -> None:
        """Count one failure of ``key``."""
        self._window.hit(self._limit, *key)
