"""Prefetching in a separate thread, so that reading, parsing and aggregation overlap (Polars releases the GIL)."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class _End(msgspec.Struct, frozen=True):
    """The worker's last item: it has finished, or failed with ``error``."""

    error: BaseException | None


class _Worker(Generic[T]):
    """Produces items until they run out or the consumer stops."""

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
        except BaseException as raised:  # noqa: BLE001 - re-raised in the consumer
            error = raised
        if isinstance(self._items, Generator):
            self._items.close()  # in this thread, since no other may close a running generator
        self._put(_End(error))

    def _put(self, item: T | _End) -> None:
        while not self.stopped.is_set():
            try:
                self.made.put(item, timeout=0.2)
            except queue.Full:
                continue
            break


def prefetch(items: Iterator[T]) -> Generator[T]:
    """Yield ``items``, producing the next ones ahead of demand; an exception is raised at its position."""
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
