"""A place that does not answer holds up no other place, and no other tenant."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from opencasb.discovery.receivers import polling
from opencasb.discovery.receivers.polling import Place, Polling
from tests.discovery.receivers.running import until


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look is slow sooner."""
    monkeypatch.setattr(polling, "PATIENCE", 0.1)


@pytest.fixture
def answer() -> Iterator[Event]:
    """When hanging places answer; at the latest with the end of the test."""
    made = Event()
    yield made
    made.set()


def hanging(looks: Counter[str], key: str, answer: Event) -> Callable[[], None]:
    """Return a look that is counted when it begins and when it ends."""

    def look() -> None:
        looks[key] += 1
        answer.wait(60)
        looks[f"{key} ended"] += 1

    return look


def test_places_after_one_that_hangs_have_their_turn(answer: Event) -> None:
    """In the same round and the next ones, while it is looked at once; it has its turns again once it answers."""
    looks = Counter[str]()
    places = {key: Place(1, hanging(looks, key, answer)) for key in ("a", "b")}
    places["c"] = Place(2, lambda: looks.update(["c"]))
    watched = Polling()
    for _ in range(3):
        watched.look(places)
    assert looks == {"a": 1, "b": 1, "c": 3}
    answer.set()
    asyncio.run(until(lambda: looks["a ended"] == looks["b ended"] == 1 and not watched._under_way))
    watched.look(places)
    asyncio.run(until(lambda: looks["a ended"] == looks["b ended"] == 2 and not watched._under_way))
    assert watched._slow == {}
    watched.look(places)
    assert looks == {"a": 3, "a ended": 3, "b": 3, "b ended": 3, "c": 5}


def test_slow_places_take_turns(answer: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenant has only some of the threads, and what was looked at longest ago is next."""
    monkeypatch.setattr(polling, "MOST_OF_TENANT", 1)
    looks = Counter[str]()
    places = {key: Place(len(key), hanging(looks, key, answer)) for key in ("a", "b", "cc")}
    watched = Polling()
    watched.look(places)
    answer.set()
    asyncio.run(until(lambda: not watched._under_way))
    answer.clear()
    watched.look(places)
    assert watched._under_way == {"a": 1, "cc": 2}
    asyncio.run(asyncio.sleep(0.2))  # they are slow again
    answer.set()
    asyncio.run(until(lambda: not watched._under_way))
    answer.clear()
    watched.look(places)
    assert watched._under_way == {"b": 1, "cc": 2}


def test_places_that_are_gone_are_forgotten(answer: Event) -> None:
    """One that hangs ends by itself."""
    watched = Polling()
    watched.look({"a": Place(1, hanging(Counter(), "a", answer))})
    watched.look({})
    answer.set()
    asyncio.run(until(lambda: not watched._under_way))
    assert watched._slow == {}


def test_a_place_that_got_no_thread_has_its_turn_later(answer: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that starts no more threads for now does not end the looks at slow places."""
    looks = Counter[str]()
    places = {"a": Place(1, hanging(looks, "a", answer))}
    watched = Polling()
    watched.look(places)
    answer.set()
    asyncio.run(until(lambda: not watched._under_way))
    with monkeypatch.context() as patched:

        def refuse(_: object) -> None:
            raise RuntimeError("can't start new thread")

        patched.setattr(polling._Walk, "start", refuse)
        with pytest.raises(RuntimeError):
            watched.look(places)
    watched.look(places)
    asyncio.run(until(lambda: looks["a ended"] == 2))
