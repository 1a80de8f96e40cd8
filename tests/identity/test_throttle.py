"""Throttling of calls and of guesses: so many per window, failing open if counting fails (api §5)."""

from __future__ import annotations

import time

import pytest
from limits.storage import MemoryStorage
from structlog.testing import capture_logs

from opencasb.identity.throttle import Throttle, counted


class BrokenStorage(MemoryStorage):
    """A storage that lost its server."""

    def acquire_entry(self, *_: object, **__: object) -> bool:
        """Fail."""
        raise ConnectionError("no route to the counter")


def test_calls_over_the_limit_wait_and_every_key_has_its_own_count() -> None:
    """Of a limit of three, the fourth call gets the time to wait; another tenant is unaffected."""
    throttle = Throttle(3)
    assert [throttle.count("tenant", "1") for _ in range(3)] == [None] * 3
    wait = throttle.count("tenant", "1")
    assert wait is not None
    assert 1 <= wait <= 60
    assert throttle.count("tenant", "2") is None


def test_the_window_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute after the first one, another call is allowed; rejected calls do not count."""
    now = [1_763_640_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    throttle = Throttle(2)
    assert throttle.count("t") is None
    now[0] += 30
    assert throttle.count("t") is None
    assert throttle.count("t") == 30
    now[0] += 30.5
    assert throttle.count("t") is None
    assert throttle.count("t") == 30


def test_a_clock_that_is_set_back_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise earlier calls would stay in the window for as long as the clock was set back."""
    now = [1_763_640_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    throttle = Throttle(2)
    assert [throttle.count("t") for _ in range(3)] == [None, None, 60]
    now[0] -= 9 * 3600
    assert [throttle.count("t") for _ in range(3)] == [None, None, 60]


def test_no_limit_is_no_limit() -> None:
    """0 disables throttling."""
    throttle = Throttle(0, storage=BrokenStorage())
    assert [throttle.count("t") for _ in range(100)] == [None] * 100
    assert throttle.failures == 0


def test_a_broken_storage_lets_calls_pass_is_counted_and_logged() -> None:
    """It fails open."""
    throttle = Throttle(1, storage=BrokenStorage())
    with capture_logs() as logs:
        assert [throttle.count("t") for _ in range(3)] == [None] * 3
    assert throttle.failures == 3
    assert [entry["event"] for entry in logs] == ["throttle_failed_open"] * 3
    assert "no route to the counter" in logs[0]["error"]


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
