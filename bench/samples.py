"""Response times: median and 95th percentile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

LEAST: Final = 5
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Samples:
    """The number of calls, with the median and 95th percentile of their times in ms."""

    count: int
    p50: float
    p95: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Samples:
        """Summarise at least one call."""
        ordered = sorted(seconds)
        last = len(ordered) - 1
        return cls(len(ordered), ordered[last // 2] * 1e3, ordered[round(last * 0.95)] * 1e3)


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def sampled(calls: Sequence[Callable[[], object]], budget: float) -> Samples:
    """Repeat the calls in rotation for ``budget`` seconds: each at least once, between five and two hundred in all.

    Stops early at ten times the budget.
    """
    started = time.perf_counter()
    seconds: list[float] = []
    least = max(LEAST, len(calls))
    while len(seconds) < MOST:
        seconds.append(timed(calls[len(seconds) % len(calls)]))
        past = time.perf_counter() - started
        if past >= budget and (len(seconds) >= least or past >= 10 * budget > 0):
            break
    return Samples.of(seconds)
