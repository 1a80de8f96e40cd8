"""Where log lines go: to stderr, for stdout belongs to the results of commands."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback


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
    """Have every logger of this process write to stderr, and tracebacks without the values of variables.

    The renderer of structlog's own choice shows these: keys, passwords and tokens, wherever an error comes by.
    """
    renderer = ConsoleRenderer(colors=_has_colors(), exception_formatter=plain_traceback)
    chain = structlog.get_config()["processors"]  # changed in place: tests that capture lines hold on to the list
    chain[:] = [renderer if isinstance(each, ConsoleRenderer) else each for each in chain]
    structlog.configure(chain, logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())))


def _has_colors() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
