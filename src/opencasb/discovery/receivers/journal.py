"""The journal of a receiver: lines are written to a file of ours before anything else happens to them.

A segment is open while it is written and becomes ready when it is rotated; its name is the id of its future upload, so
a segment handed over twice makes one upload.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from opencasb.store.database import new_id

MAX_SEGMENT_BYTES: Final = 256 * 1024 * 1024
"""A segment this large is rotated at once, whatever its age."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that is not yet ready: open, or detached and closed to new lines."""

    path: Path
    descriptor: int

    def close(self) -> None:
        """Sync the segment to disk and make it ready; this takes a while."""
        os.fsync(self.descriptor)
        os.close(self.descriptor)
        self.path.rename(self.path.with_suffix(".ready"))


class Journal:
    """The segments of one data source."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``; segments that a killed process left open are made ready."""
        self._folder = folder
        self._open: Segment | None = None
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
            self.rotate()
        return segment

    def detach(self) -> Segment | None:
        """Detach the open segment, to be closed in another thread; None if there is none."""
        taken, self._open, self.size = self._open, None, 0
        return taken

    def rotate(self) -> None:
        """Close the open segment and make it ready."""
        taken = self.detach()
        if taken is not None:
            taken.close()

    def ready(self) -> list[Path]:
        """Return the segments to hand over, oldest first. The stem is the upload id."""
        return sorted(self._folder.glob("*.ready"), key=lambda path: path.stat().st_mtime_ns)
