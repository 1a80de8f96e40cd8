"""Logging to stderr: stdout belongs to the results of commands."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.typing import EventDict, WrappedLogger

from opencasb.model.visible_text import visible


class _Stderr:
    """The current stderr; a line that cannot be written, such as to a full disk, is dropped without an error."""

    def write(self, text: str) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush the buffer."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class _Renderer(ConsoleRenderer):
    """Writes a line; what others sent, such as a path, neither controls the terminal nor forges another line."""

    def __call__(self, logger: WrappedLogger, name: str, event_dict: EventDict) -> str:
        """Return the line of an event."""
        shown = {key: visible(text) if isinstance(text, str) else text for key, text in event_dict.items()}
        return super().__call__(logger, name, shown)


def to_stderr() -> None:
    """Make every logger of this process write to stderr, with tracebacks that omit the values of variables.

    structlog's default renderer shows them: keys, passwords and tokens, wherever an error passes.
    """
    renderer = _Renderer(colors=_has_colors(), exception_formatter=plain_traceback)
    chain = structlog.get_config()["processors"]  # changed in place: tests that capture logs keep a reference
    chain[:] = [renderer if isinstance(each, ConsoleRenderer) else each for each in chain]
    structlog.configure(chain, logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())))


def _has_colors() -> bool:
    return sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")
