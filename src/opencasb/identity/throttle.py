"""Counting what an address may not do too often, such as guessing client secrets (identity §12)."""

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
"""Refusals per address that get an audit entry; a flood beyond goes to the server's log only."""

_SUBNET_BITS: Final = 64
"""Bits of an IPv6 network in which whoever has one chooses addresses at will (RFC 4291 §2.5.4)."""
_TOLERANCE: Final = 1
"""Seconds by which an entry may be ahead of the clock."""


def counted(text: str) -> str:
    """Return what an address is counted as, for IPv6 its network; any other text is itself."""
    if ":" not in text:
        return text
    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return text
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address, _SUBNET_BITS), strict=False))


class Counts(MemoryStorage):
    """Counts in this process that outlive a clock which is set back.

    What was counted before would be in the window until the clock gets there again, and keep everybody waiting.
    """

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count an entry of ``key``, if there is room in its window."""
        self._forget_the_future(key)
        return super().acquire_entry(key, limit, expiry, amount)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the window of ``key`` begins, and how many entries it has."""
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
        """Return after how many seconds ``key`` may try again, or None when it may now."""
        key = tuple(map(counted, key))
        if self._window.test(self._limit, *key):
            return None
        return max(1, math.ceil(self._window.get_window_stats(self._limit, *key).reset_time - time.time()))

    def failed(self, *key: str) -> None:
        """Count one failure of ``key``."""
        self._window.hit(self._limit, *map(counted, key))
