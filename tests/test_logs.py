"""Log lines go to stderr, and never stop whoever writes them."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from opencasb import logs


@pytest.fixture(autouse=True)
def _to_stderr() -> Iterator[None]:
    """Log to stderr during the test."""
    logs.to_stderr()
    yield
    structlog.reset_defaults()


def test_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """The results of a command on stdout stay readable for machines."""
    structlog.get_logger().warning("something happened")
    written = capsys.readouterr()
    assert (written.out, "something happened" in written.err) == ("", True)


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str, /) -> int:
        """Have no room."""
        raise OSError(errno.ENOSPC, "No space left on device", text)


def test_a_full_disk_under_the_log_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is lost."""
    monkeypatch.setattr(sys, "stderr", Full())
    structlog.get_logger().error("the disk is full")
