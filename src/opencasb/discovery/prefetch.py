"""Prefetches in a thread of its own, so that reading, parsing and adding up overlap (Polars releases the GIL)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _End:
    """The last thing a worker says: that it is done, or why not."""

    error: BaseException | None


class _Worker(Generic[T]):
    """Makes items until they end or nobody wants them any more."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self.made: queue.Queue[T | _End] = queue.Queue(maxsize=1)
        self.stopped = threading.Event()

    def run(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._items:
                self._put(item)
                if self.stopped.is_set():
                    break
        except BaseException as raised:  # noqa: BLE001 - it is raised again by the consumer
            error = raised
        if isinstance(self._items, Generator):
            self._items.close()  # here, for a generator may not be closed by another thread while it runs
        self._put(_End(error))

    def _put(self, item: T | _End) -> None:
        while not self.stopped.is_set():
            try:
                self.made.put(item, timeout=0.2)
            except queue.Full:
                continue
            break


def prefetch(items: Iterator[T]) -> Generator[T]:
    """Yield ``items``, of which the next are made before they are asked for; an exception comes in its place."""
    worker = _Worker(items)
    thread = threading.Thread(target=worker.run, name="opencasb-prefetch", daemon=True)
    thread.start()
    try:
        while not isinstance(item := worker.made.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        worker.stopped.set()
        thread.join()
