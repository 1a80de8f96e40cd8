"""Rate limits per tenant, application or address: of calls, and of guessing secrets (api §5, graph §6.2, identity §12).

Counting fails open: if the counter storage breaks, calls pass, and the failure is counted and logged. Turning every
client away because counting broke would be worse.
"""

from __future__ import annotations

import ipaddress
import math
import time
from typing import Final

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, Storage
from limits.strategies import MovingWindowRateLimiter

FAILURES_PER_MINUTE: Final = 20
LOGGED_REFUSALS_PER_MINUTE: Final = 300
"""Refusals per address that get an audit entry; any beyond go to the server log only."""

_SUBNET_BITS: Final = 64
"""Prefix length of an IPv6 network whose holder can choose addresses at will (RFC 4291 §2.5.4)."""
_TOLERANCE: Final = 1
"""Seconds by which an entry may be ahead of the clock."""

_log = structlog.get_logger(__name__)


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
    """Limits what each key (tenant, client, address) may do in a moving window of minutes."""

    def __init__(self, most: int = FAILURES_PER_MINUTE, minutes: int = 1, storage: Storage | None = None) -> None:
        """Allow ``most`` in each window, 0 for any number. Without ``storage`` counts are local to this process."""
        self.failures = 0
        self._most = most
        self._limit = RateLimitItemPerMinute(most, minutes)
        self._window = MovingWindowRateLimiter(storage or Counts())

    def count(self, *key: str) -> int | None:
        """Count a call of ``key``; return None if it may proceed, else the seconds to wait.

        A refused call is not counted.
        """
        if not self._most:
            return None
        key = tuple(map(counted, key))
        try:
            return None if self._window.hit(self._limit, *key) else self._left(key)
        except Exception as error:  # noqa: BLE001 -- any storage, any failure: see the module's first lines
            self.failures += 1
            _log.warning("throttle_failed_open", error=repr(error), failures=self.failures)
            return None

    def wait(self, *key: str) -> int | None:
        """Return after how many seconds ``key`` may try again, or None if it may now; counts nothing."""
        key = tuple(map(counted, key))
        return None if not self._most or self._window.test(self._limit, *key) else self._left(key)

    def failed(self, *key: str) -> None:
        """Count one failure of ``key``."""
        self._window.hit(self._limit, *map(counted, key))

    def _left(self, key: tuple[str, ...]) -> int:
        reset = self._window.get_window_stats(self._limit, *key).reset_time
        return min(self._limit.get_expiry(), max(1, math.ceil(reset - time.time())))
