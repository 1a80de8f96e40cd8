"""Retries: exponential back-off with jitter, respecting ``Retry-After`` (RFC 9110 §10.2.3)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from opencasb.saas.errors import RetryLater, Transient

T = TypeVar("T")

ATTEMPTS: Final = 8
"""Attempts per request; the waits between them add up to about two minutes if the server names none."""
LONGEST_WAIT: Final = 60.0
"""Longest back-off, in seconds."""
LONGEST_RETRY_AFTER: Final = 3600.0
"""Longest wait (seconds) that a server may ask for within a run; for a longer one the run resumes later."""


class Retry:
    """Repeats a request while that makes sense, and counts the retries; ``sleep`` takes seconds."""

    def __init__(
        self,
        sleep: Callable[[float], object],
        *,
        attempts: int = ATTEMPTS,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._sleep = sleep
        self._attempts = attempts
        self._chance = chance
        self.retries = 0

    def call(self, ask: Callable[[], T]) -> T:
        """Return what ``ask`` returns. Raises the problem of its last :class:`Transient` if it keeps failing."""
        for attempt in range(1, self._attempts + 1):
            try:
                return ask()
            except Transient as error:
                if attempt == self._attempts:
                    raise error.problem from None
                self._wait(attempt, error)
        raise AssertionError("unreachable")

    def _wait(self, attempt: int, error: Transient) -> None:
        asked_for = error.retry_after or 0.0
        if asked_for > LONGEST_RETRY_AFTER:
            raise RetryLater("throttled", f"The server asks to come back in {asked_for:.0f} seconds.", asked_for)
        self.retries += 1
        self._sleep(max(asked_for, backoff(attempt, self._chance())))


def backoff(attempt: int, chance: float) -> float:
    """Return the seconds to wait after a failed attempt (from 1): half fixed, half times ``chance`` (0 to 1)."""
    whole = min(LONGEST_WAIT, 2.0**attempt)
    return whole / 2 + chance * whole / 2


def retry_after(headers: Mapping[str, str], now: int) -> float | None:
    """Return the seconds that a server asks to wait, or None; ``now`` is in ms.

    A date is compared with the server's own ``Date`` header, if present.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), 1e9)
    until = _moment(text)
    if until is None:
        return None
    begun = _moment(headers.get("date", ""))
    return max(0.0, until - (now / 1000 if begun is None else begun))


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
