"""The journal of a receiver: lines are written to a file of ours before anything else happens to them.

A segment is open while it is written, then detached, and ready once it is on disk for good; its name is the id of its
future upload, so a segment handed over twice makes one upload.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from opencasb.store.database import new_id

MAX_SEGMENT_BYTES: Final = 256 * 1024 * 1024
"""A segment this large is detached at once, whatever its age."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that is not yet ready: open, or detached and closed to new lines."""

    path: Path
    descriptor: int

    def close(self) -> None:
        """Sync the segment to disk and make it ready; this takes a while. Raises ``OSError``, and can be repeated."""
        os.fsync(self.descriptor)
        with suppress(FileNotFoundError):  # somebody removed it
            self.path.rename(self.path.with_suffix(".ready"))
        os.close(self.descriptor)


class Journal:
    """The segments of one data source."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``; segments that a killed process left open are made ready."""
        self._folder = folder
        self._open: Segment | None = None
        self._detached: list[Segment] = []
        self.size = 0
        """Bytes in the open segment."""
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.open"):
            left.rename(left.with_suffix(".ready"))

    def append(self, lines: bytes) -> str:
        """Write whole lines and return their segment's id; from then on they survive the end of this process."""
        if self._open is None:
            path = self._folder / f"{new_id()}.open"
            self._open = Segment(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600))
        view, segment = memoryview(lines), self._open.path.stem
        try:
            while view:
                view = view[os.write(self._open.descriptor, view) :]
        except OSError:  # a full disk took a part: the next line must not be glued to half a line
            os.ftruncate(self._open.descriptor, self.size)
            raise
        self.size += len(lines)
        if self.size >= MAX_SEGMENT_BYTES:
            self.detach()
        return segment

    def detach(self) -> None:
        """Add no more lines to the open segment, if there is one."""
        if self._open is not None:
            self._detached.append(self._open)
        self._open, self.size = None, 0

    def ready(self) -> list[Path]:
        """Return the segments to hand over, oldest first; the stem is the upload id.

        Detached segments are closed first, which takes a while: call it in a thread of its own, one at a time. Raises
        ``OSError`` if one cannot be closed; it is the first one next time.
        """
        while self._detached:
            self._detached[0].close()
            del self._detached[0]
        return sorted(self._folder.glob("*.ready"), key=lambda path: path.stat().st_mtime_ns)
