"""The journal of a receiver: lines are in a file of ours before anything else happens to them.

A segment is open while it is written and becomes ready when it is rotated; its name is the id of the upload it will be,
so that a segment handed over twice is one upload.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from opencasb.store.database import new_id

MAX_SEGMENT_BYTES: Final = 256 * 1024 * 1024
"""A segment this large is rotated at once, whatever the clock says."""


class Journal:
    """The segments of one data source."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``; segments that a killed process left open are made ready."""
        self._folder = folder
        self._descriptor: int | None = None
        self._path: Path | None = None
        self.size = 0
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.open"):
            left.rename(left.with_suffix(".ready"))

    def append(self, lines: bytes) -> None:
        """Write whole lines; they survive the end of this process as soon as this returns."""
        if self._descriptor is None:
            self._path = self._folder / f"{new_id()}.open"
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        view = memoryview(lines)
        try:
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError:  # a full disk took a part: the next line must not be glued to half a line
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(lines)
        if self.size >= MAX_SEGMENT_BYTES:
            self.rotate()

    def rotate(self) -> None:
        """Close the open segment and make it ready, synced to the disk."""
        if self._descriptor is None or self._path is None:
            return
        os.fsync(self._descriptor)
        os.close(self._descriptor)
        self._path.rename(self._path.with_suffix(".ready"))
        self._descriptor, self._path, self.size = None, None, 0

    def ready(self) -> list[Path]:
        """Return the segments to hand over, the oldest first. The stem is the upload id."""
        return sorted(self._folder.glob("*.ready"), key=lambda path: path.stat().st_mtime_ns)
