"""A cache for results that are expensive to compute."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Cache(Generic[Result]):
    """Least-recently-used cache by key. Thread-safe; two concurrent callers may both compute a result."""

    def __init__(self, most: int) -> None:
        """Keep at most ``most`` results."""
        self._most = most
        self._results: OrderedDict[Hashable, Result] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return the result for ``key``, computing it if it is not cached."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        made = make()
        with self._lock:
            self._results[key] = made
            while len(self._results) > self._most:
                self._results.popitem(last=False)
        return made
