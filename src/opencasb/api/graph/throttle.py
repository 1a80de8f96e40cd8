"""Rate limits per application and tenant (graph §6.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from opencasb.api.graph.errors import TooManyRequests
from opencasb.identity import throttle
from opencasb.model.principal import Principal

CONCURRENT_REQUESTS: Final = 20
"""Concurrent requests allowed per application and tenant."""

MINUTES: Final = 2
"""Length of the window: the default limit lets a script send 1,000 requests one after the other."""


class Throttle:
    """Counts requests per application and tenant in this process; ``per_minute`` 0 means unlimited.

    The allowance of :data:`MINUTES` may be used in one burst.
    """

    def __init__(self, per_minute: int, concurrent: int = CONCURRENT_REQUESTS) -> None:
        self._most = per_minute * MINUTES
        self._window = throttle.Throttle(self._most, MINUTES)
        self._concurrent = concurrent
        self._running: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def count(self, principal: Principal) -> None:
        """Count one request. Raises :class:`TooManyRequests` if the window's allowance is used up."""
        if wait := self._window.count(*_key(principal)):
            raise TooManyRequests(
                f"More than {self._most} requests in {MINUTES} minutes; try again in {wait} seconds.", wait
            )

    @contextmanager
    def running(self, principal: Principal) -> Iterator[None]:
        """Count a request while it runs. Raises :class:`TooManyRequests` if too many are already running."""
        key = _key(principal)
        with self._lock:
            if self._running[key] >= self._concurrent:
                raise TooManyRequests(
                    f"More than {self._concurrent} requests at the same time; try again in 1 second.", 1
                )
            self._running[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]


def _key(principal: Principal) -> tuple[str, str]:
    return str(principal.tenant_id), principal.client_id or principal.name
