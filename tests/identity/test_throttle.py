"""Throttling of guesses."""

from __future__ import annotations

import time

import pytest

from opencasb.identity.throttle import Throttle, counted


def test_failures_block_their_key_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last allowed failure the key waits until the first one is a minute old; other keys are unaffected."""
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
    """As after a start with a clock hours ahead; later failures count."""
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


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("a:client", "a:client"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(address: str, expected: str) -> None:
    """Its owner has practically unlimited addresses in it."""
    assert counted(address) == expected


def test_nobody_escapes_within_a_network() -> None:
    """Guesses from any of its addresses count together."""
    throttle = Throttle(3)
    for last in range(3):
        throttle.failed("client", f"2001:db8::{last:x}")
    assert throttle.wait("client", "2001:db8::99")
    assert throttle.wait("client", "2001:db8:0:1::99") is None
