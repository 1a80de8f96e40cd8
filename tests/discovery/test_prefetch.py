"""Prefetching in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from opencasb.discovery.prefetch import prefetch


def test_items_in_order() -> None:
    """Everything comes, in order, once."""
    assert list(prefetch(iter(range(100)))) == list(range(100))
    assert list(prefetch(iter(()))) == []


def test_errors_come_in_their_place() -> None:
    """An exception is raised by the consumer, after what was made before it."""

    def items() -> Iterator[int]:
        yield 1
        raise ValueError("torn")

    taken = prefetch(items())
    assert next(taken) == 1
    with pytest.raises(ValueError, match="torn"):
        next(taken)


def test_a_consumer_may_leave() -> None:
    """A consumer that stops early ends the thread and closes what was worked on."""
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
    """Only the next items are made before they are asked for."""
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    taken = prefetch(items())
    assert next(taken) == 0
    assert len(made) <= 4
    taken.close()
