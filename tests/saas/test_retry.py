"""Retries and their delays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.saas.errors import RetryLater, ServerFailure, Transient
from opencasb.saas.retry import ATTEMPTS, LONGEST_RETRY_AFTER, LONGEST_WAIT, Retry, backoff, retry_after

NOW = 1_772_582_400_000
"""2026-03-04T00:00:00Z."""


class Failing:
    """Fails a given number of times, then responds."""

    def __init__(self, times: int, wait: float | None = None) -> None:
        self.left = times
        self.wait = wait

    def __call__(self) -> str:
        """Fail or respond."""
        if self.left == 0:
            return "done"
        self.left -= 1
        raise Transient(ServerFailure("server_error", "it failed"), self.wait)


def test_waits_grow_to_a_limit() -> None:
    """Half of each delay is fixed, half is random."""
    slept: list[float] = []
    assert Retry(slept.append, chance=lambda: 1.0).call(Failing(ATTEMPTS - 1)) == "done"
    assert slept == [2, 4, 8, 16, 32, 60, 60]
    slept.clear()
    assert Retry(slept.append, chance=lambda: 0.0).call(Failing(2)) == "done"
    assert slept == [1, 2]


def test_in_the_end_the_problem_is_told() -> None:
    """There are eight attempts, and no delay after the last."""
    slept: list[float] = []
    retry = Retry(slept.append)
    with pytest.raises(ServerFailure, match="it failed"):
        retry.call(Failing(ATTEMPTS))
    assert len(slept) == retry.retries == ATTEMPTS - 1


def test_what_the_server_asks_for_is_waited() -> None:
    """The longer of its delay and ours applies; with a very long one, the run is interrupted."""
    slept: list[float] = []
    retry = Retry(slept.append, chance=lambda: 1.0)
    assert retry.call(Failing(1, 33.0)) == "done"
    assert retry.call(Failing(1, 0.0)) == "done"
    assert slept == [33, 2]
    with pytest.raises(RetryLater, match="3601 seconds") as caught:
        retry.call(Failing(1, LONGEST_RETRY_AFTER + 1))
    assert caught.value.seconds == LONGEST_RETRY_AFTER + 1
    assert slept == [33, 2]


@given(st.integers(1, 100), st.floats(0, 1))
def test_a_wait_is_never_nothing_and_never_endless(attempt: int, chance: float) -> None:
    assert 1 <= backoff(attempt, chance) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "17"}, 17),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "Wed, 04 Mar 2026 00:01:00 GMT"}, 60),
        ({"retry-after": "Wed, 04 Mar 2026 00:01:00 GMT", "date": "Wed, 04 Mar 2026 00:00:45 GMT"}, 15),
        ({"retry-after": "Wed, 04 Mar 2020 00:01:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "Wed, 99 Mar 2026 00:01:00 GMT"}, None),
    ],
)
def test_both_forms_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """Whole seconds, or a date by the server's clock, or else by ours."""
    assert retry_after(headers, NOW) == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_header_is_read_or_not(text: str, date: str) -> None:
    found = retry_after({"retry-after": text, "date": date}, NOW)
    assert found is None or found >= 0
