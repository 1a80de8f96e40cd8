"""The brake on guessing."""

from __future__ import annotations

import time

import pytest

from opencasb.identity.throttle import Throttle


def test_failures_block_their_key_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last allowed failure the key waits until the first one is a minute old; other keys do not."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    throttle = Throttle(3)
    for _ in range(3):
        assert throttle.wait("client", "192.0.2.1") is None
        throttle.failed("client", "192.0.2.1")
    assert throttle.wait("client", "192.0.2.1") == 60
    assert throttle.wait("client", "192.0.2.2") is None
    now += 59
    assert throttle.wait("client", "192.0.2.1") == 1
    now += 2
    assert throttle.wait("client", "192.0.2.1") is None


def test_nobody_waits_for_a_clock_that_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a start with a clock hours ahead; what happens from then on counts."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    throttle = Throttle(2)
    for _ in range(2):
        throttle.failed("client")
    now -= 9 * 3600
    assert throttle.wait("client") is None
    for _ in range(2):
        throttle.failed("client")
    assert throttle.wait("client") == 60


def test_the_window_may_be_longer() -> None:
    """A quarter of an hour."""
    throttle = Throttle(1, minutes=15)
    throttle.failed("x")
    wait = throttle.wait("x")
    assert wait is not None
    assert 890 <= wait <= 900
