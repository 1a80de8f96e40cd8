"""Reads one log from its bytes to its roll-up, parsing and aggregating batch by batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any

import msgspec

from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.line_counts import Sample
from opencasb.discovery.line_shape import LineShape
from opencasb.discovery.logfile import MAX_EXPANDED
from opencasb.discovery.parsing import ParsedLog, parse_log
from opencasb.discovery.prefetch import prefetch
from opencasb.discovery.rollup import RolledUp, RollUp
from opencasb.discovery.standard_input import openable


class ReadLog(msgspec.Struct, frozen=True):
    """A log that has been read to its end.

    ``mismatch`` says that the log is not in the format of its ``source``; ``remark`` that some counted lines are in
    other formats; ``problem`` that the file is damaged, with everything before the damage counted. ``read_as`` is the
    source type that its lines turned out to have, which may differ from its source.
    """

    source: str
    read: int
    used: int
    ignored: Counter[str]
    rejected: Counter[str]
    samples: list[Sample]
    mismatch: str | None
    remark: str | None
    problem: str | None
    read_as: str
    rolled_up: RolledUp
    shapes: list[LineShape]

    def counts(self) -> dict[str, Any]:  # JSON
        """Return the line counts in the form stored in an upload's result."""
        return {
            "linesRead": self.read,
            "linesUsed": self.used,
            "linesIgnored": self.ignored.total(),
            "linesRejected": self.rejected.total(),
            "ignoredByRule": dict(self.ignored),
            "rejectedByReason": dict(self.rejected),
            "rejectedSamples": [{"line": s.line, "reason": s.reason, "text": s.text} for s in self.samples],
            **({"problem": self.problem} if self.problem else {}),
            **({"remark": self.remark} if self.remark else {}),
        }


def read_log(
    path: Path,
    source: str | Format | None,
    context: ParseContext,
    roll_up: RollUp,
    *,
    max_expanded_bytes: int = MAX_EXPANDED,
    progress: Callable[[int], None] = lambda _: None,
) -> ReadLog:
    """Read a log; ``source`` is a source type, a custom parser's format, or None to detect it.

    ``progress`` is called with the bytes of the file read so far.

    Raises :class:`opencasb.discovery.compression.LogError` and ``OSError``.
    """
    with BufferedReader(_ProgressFile(path, progress)) as file:
        parsed = parse_log(file, source, context, max_expanded_bytes=max_expanded_bytes)
        with closing(prefetch(parsed.frames())) as frames:  # closed at once if interrupted
            for frame in frames:
                roll_up.add(frame)
    return _read(parsed, roll_up.result())


def _read(parsed: ParsedLog, rolled_up: RolledUp) -> ReadLog:
    counts = parsed.counts
    return ReadLog(
        source=parsed.source,
        read=counts.read,
        used=counts.used - rolled_up.dropped.total(),
        ignored=counts.ignored + rolled_up.dropped,
        rejected=counts.rejected,
        samples=counts.samples,
        mismatch=parsed.mismatch(),
        remark=parsed.remark,
        problem=parsed.problem,
        read_as=parsed.read_as,
        rolled_up=rolled_up,
        shapes=parsed.shapes,
    )


class _ProgressFile(FileIO):
    """A file that reports how far it has been read."""

    def __init__(self, path: Path, progress: Callable[[int], None]) -> None:
        super().__init__(openable(path), "rb")
        self._progress = progress
        self._done = 0  # counted, since a pipe cannot tell its position

    def readinto(self, buffer: Any, /) -> int | None:  # a writable buffer
        """Read into ``buffer`` and report progress."""
        count = super().readinto(buffer)
        self._done += count or 0
        self._progress(self._done)
        return count
