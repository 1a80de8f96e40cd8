"""A lasting outage is logged in one line per minute, however often the work is retried."""

from __future__ import annotations

import errno
from unittest.mock import patch

from structlog.testing import capture_logs

from opencasb.store import outage_log
from opencasb.store.outage_log import log_failure

FULL = OSError(errno.ENOSPC, "No space left on device", "/data")


def told(*failures: tuple[float, str, Exception, str]) -> list[str]:
    """Return the data sources that are logged, given failures at certain seconds."""
    with capture_logs() as logs:
        for second, event, error, source in failures:
            with patch.object(outage_log, "monotonic", return_value=second):
                log_failure(event, error, source=source)
    return [entry["source"] for entry in logs]


def test_an_outage_that_lasts_is_told_once_a_minute() -> None:
    """Retrying twice a second does not fill the disk with the same message."""
    assert told(*((tick / 2, "work failed", FULL, str(tick)) for tick in range(3))) == ["0", "1", "2"]
    assert told(*((1000 + tick / 2, "work failed", FULL, "a") for tick in range(250))) == ["a"] * 3


def test_other_work_and_other_troubles_are_told_at_once() -> None:
    """Each line differs from those of the last minute."""
    away = OSError(errno.EIO, "Input/output error", "/data")
    seen = [("b", FULL), ("b", away), ("c", FULL), ("b", FULL)]
    assert told(*((2000, "work failed", error, source) for source, error in seen)) == ["b", "b", "c"]
    assert told((2000, "other work failed", FULL, "b")) == ["b"]


def test_a_mistake_is_told_each_time() -> None:
    """An error that is not an outage is logged with a traceback."""
    assert told(*((3000, "work failed", ValueError("no"), "d") for _ in range(3))) == ["d"] * 3
