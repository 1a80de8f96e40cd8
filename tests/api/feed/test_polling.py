"""How often waiting calls look for changes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest

from opencasb.api.feed.app import FeedApi
from opencasb.api.feed.polling import POLL_SECONDS, POLLS_PER_SECOND, Polling
from tests.api.feed.conftest import FakeTime, House


def test_all_waiting_calls_together_poll_a_limited_number_of_times() -> None:
    """However many tenants wait, and however many calls of one; each tenant has an equal share."""
    polling = Polling()
    waiting = {1: 1, 2: 50, 3: 400} | dict.fromkeys(range(10, 310), 1)
    with ExitStack() as calls:
        for tenant_id, count in waiting.items():
            for _ in range(count):
                calls.enter_context(polling.call(tenant_id))
        shares = {tenant_id: count / polling.interval(tenant_id) for tenant_id, count in waiting.items()}
    assert sum(shares.values()) <= POLLS_PER_SECOND * 1.001
    assert max(shares.values()) == pytest.approx(min(shares.values()))


def test_few_waiting_calls_poll_four_times_a_second() -> None:
    """Calls that have ended do not count."""
    polling = Polling()
    for tenant_id in range(1000):
        with polling.call(tenant_id):
            assert polling.interval(tenant_id) == POLL_SECONDS
    assert not polling._waiting


def test_a_call_among_many_reads_less_often_but_ends_in_time(small: Callable[..., House]) -> None:
    """With twenty times as many tenants as have room, it reads every five seconds; its wait is as long as ever."""
    house, time = small(), FakeTime()
    house.add(1)
    api = FeedApi(house.casb, pause=time.pause, seconds=time.seconds)
    reads: list[float] = []
    read = house.casb.activities.since
    house.casb.activities.since = lambda *given: reads.append(time.now) or read(*given)  # type: ignore[method-assign, func-returns-value]
    house.app = api
    _, cursor = house.read("activities")
    reads.clear()
    with ExitStack() as others:
        for tenant_id in range(5 * POLLS_PER_SECOND - 1):
            others.enter_context(api._polling.call(-tenant_id - 1))
        assert house.read(f"activities?wait=12&cursor={cursor}")[0] == []
    assert (reads, time.now) == ([0, 5, 10, 12], 12)
    assert max(time.waits) <= POLL_SECONDS
