"""Prefetching in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from opencasb.discovery.prefetch import prefetch


def test_items_in_order() -> None:
    """All items are returned once and in order."""
    assert list(prefetch(iter(range(100)))) == list(range(100))
    assert list(prefetch(iter(()))) == []


def test_errors_come_in_their_place() -> None:
    """An exception is raised in the consumer, after the items before it."""

    def items() -> Iterator[int]:
        yield 1
        raise ValueError("torn")

    taken = prefetch(items())
    assert next(taken) == 1
    with pytest.raises(ValueError, match="torn"):
        next(taken)


def test_a_consumer_may_leave() -> None:
    """If the consumer stops early, the thread ends and the source is closed."""
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.set()

    taken = prefetch(items())
    assert next(taken) == 0
    taken.close()
    assert closed.is_set()
    assert not any(thread.name == "opencasb-prefetch" for thread in threading.enumerate())


def test_little_is_made_ahead() -> None:
    """Only a few items are produced in advance."""
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    taken = prefetch(items())
    assert next(taken) == 0
    assert len(made) <= 4
    taken.close()
