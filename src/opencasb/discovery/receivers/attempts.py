"""Retries files independently: a failing file waits with exponential back-off and does not hold up the others."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from opencasb.store.outage import DATABASE, outage_of

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
"""Back-off in seconds before a failed file is retried; doubled each time up to the longest."""

SLOW: Final = 5.0
"""Seconds after which a failure ends the round: the other files may be just as slow, so other sources go first."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Failure:
    """How a file failed, and when it is tried again."""

    error: str
    wait: float
    again: float


class Attempts:
    """The failed files of one place."""

    def __init__(
        self, room: Callable[[], int] = lambda: sys.maxsize, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Try at most ``room`` files at a time; the others stay where they are."""
        self._room = room
        self._now = now
        self._failures: dict[Hashable, Failure] = {}

    @property
    def failing(self) -> bool:
        """Whether a failed file is waiting."""
        return bool(self._failures)

    def each(self, things: Mapping[Hashable, T], work: Callable[[T], object]) -> int:
        """Do some work for each thing, identified by a stable key; return for how many it succeeded.

        Raises the first error at the end, unless that thing failed with the same error before; a full disk or a
        database outage is raised at once, since it affects all of them.
        """
        self._failures = {key: failure for key, failure in self._failures.items() if key in things}
        due = [key for key in things if self._is_due(key)]
        done, first, started = 0, None, self._now()
        for key in due[: self._room()] if due else []:
            error = _error_of(work, things[key])
            if error is None:
                self._failures.pop(key, None)
                done += 1
                continue
            first = first or (error if self._is_new(key, error) else None)
            if self._now() - started > SLOW:
                break
        if first is not None:
            raise first
        return done

    def _is_due(self, key: Hashable) -> bool:
        return key not in self._failures or self._failures[key].again <= self._now()

    def _is_new(self, key: Hashable, error: Exception) -> bool:
        """Record a failure, and tell whether it differs from the previous one."""
        before, failed = self._failures.get(key), repr(error)
        wait = FIRST_WAIT if before is None else min(before.wait * 2, LONGEST_WAIT)
        self._failures[key] = Failure(failed, wait, self._now() + wait)
        return before is None or before.error != failed


def _error_of(work: Callable[[T], object], thing: T) -> Exception | None:
    try:
        work(thing)
    except Exception as error:
        if _is_of_all(error):
            raise
        return error
    return None


def _is_of_all(error: Exception) -> bool:
    outage = outage_of(error)
    return outage is not None and (outage.store == DATABASE or outage.trouble == "full")
