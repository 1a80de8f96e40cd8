"""A number of calls per minute, failing open if counting fails (api §5)."""

from __future__ import annotations

import pytest
from limits.storage import MemoryStorage
from structlog.testing import capture_logs

from opencasb.api.v1.throttle import LONGEST_WAIT, Throttle


class BrokenStorage(MemoryStorage):
    """A storage that lost its server."""

    def acquire_entry(self, *_: object, **__: object) -> bool:
        """Fail."""
        raise ConnectionError("no route to the counter")


def test_calls_over_the_limit_wait_and_every_key_has_its_own_count() -> None:
    """Of a limit of three, the fourth call gets the time to wait; another tenant is unaffected."""
    throttle = Throttle(3)
    assert [throttle.wait("tenant", "1") for _ in range(3)] == [None] * 3
    wait = throttle.wait("tenant", "1")
    assert wait is not None
    assert 1 <= wait <= LONGEST_WAIT
    assert throttle.wait("tenant", "2") is None


def test_the_window_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute after the first one, another call is allowed; rejected calls do not count."""
    now = [1_763_640_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    throttle = Throttle(2)
    assert throttle.wait("t") is None
    now[0] += 30
    assert throttle.wait("t") is None
    assert throttle.wait("t") == 30
    now[0] += 30.5
    assert throttle.wait("t") is None
    assert throttle.wait("t") == 30


def test_a_clock_that_is_set_back_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise earlier calls would stay in the window for as long as the clock was set back."""
    now = [1_763_640_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    throttle = Throttle(2)
    assert [throttle.wait("t") for _ in range(3)] == [None, None, 60]
    now[0] -= 9 * 3600
    assert [throttle.wait("t") for _ in range(3)] == [None, None, 60]


def test_no_limit_is_no_limit() -> None:
    """0 disables throttling."""
    throttle = Throttle(0, BrokenStorage())
    assert [throttle.wait("t") for _ in range(100)] == [None] * 100
    assert throttle.failures == 0


def test_a_broken_storage_lets_calls_pass_is_counted_and_logged() -> None:
    """It fails open."""
    throttle = Throttle(1, BrokenStorage())
    with capture_logs() as logs:
        assert [throttle.wait("t") for _ in range(3)] == [None] * 3
    assert throttle.failures == 3
    assert [entry["event"] for entry in logs] == ["throttle_failed_open"] * 3
    assert "no route to the counter" in logs[0]["error"]
