"""Where log lines go: to stderr, for stdout belongs to the results of commands."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


class _Stderr:
    """What stderr is at the time; a line that cannot be written, as to a full disk, is lost and stops nobody."""

    def write(self, text: str) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Write what is buffered."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def to_stderr() -> None:
    """Have every logger of this process write to stderr."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())))
