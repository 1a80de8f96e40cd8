"""Rate limits per address, such as for guessing client secrets (identity §12)."""

from __future__ import annotations

import ipaddress
import math
import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

FAILURES_PER_MINUTE: Final = 20
LOGGED_REFUSALS_PER_MINUTE: Final = 300
"""Refusals per address that get an audit entry; any beyond go to the server log only."""

_SUBNET_BITS: Final = 64
"""Prefix length of an IPv6 network whose holder can choose addresses at will (RFC 4291 §2.5.4)."""
_TOLERANCE: Final = 1
"""Seconds by which an entry may be ahead of the clock."""


def counted(text: str) -> str:
    """Return the key an address is counted under: for IPv6 its network; any other text is unchanged."""
    if ":" not in text:
        return text
    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return text
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address, _SUBNET_BITS), strict=False))


class Counts(MemoryStorage):
    """In-process counters that survive the clock being set back.

    Earlier entries would otherwise stay in the window until the clock catches up, and keep everybody waiting.
    """

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count an entry of ``key`` if its window has room."""
        self._forget_the_future(key)
        return super().acquire_entry(key, limit, expiry, amount)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the window of ``key`` begins, and how many entries it holds."""
        self._forget_the_future(key)
        return super().get_moving_window(key, limit, expiry)

    def _forget_the_future(self, key: str) -> None:
        events = self.events.get(key)
        if events and events[0].atime > time.time() + _TOLERANCE:
            self.clear(key)


class Throttle:
    """Counts failures, or requests, per key (client and address) in a moving window of minutes, in this process."""

    def __init__(self, failures: int = FAILURES_PER_MINUTE, minutes: int = 1) -> None:
        self._limit = RateLimitItemPerMinute(failures, minutes)
        self._window = MovingWindowRateLimiter(Counts())

    def wait(self, *key: str) -> int | None:
        """Return after how many seconds ``key`` may try again, or None if it may now."""
        key = tuple(map(counted, key))
        if self._window.test(self._limit, *key):
            return None
        return max(1, math.ceil(self._window.get_window_stats(self._limit, *key).reset_time - time.time()))

    def failed(self, *key: str) -> None:
        """Count one failure of ``key``."""
        self._window.hit(self._limit, *map(counted, key))
