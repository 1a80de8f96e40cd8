"""The folder receiver: takes every finished file that is put into a directory.

A file is finished when its size and time have not changed since the look before. Names that begin with a dot or end in
``.part``, ``.tmp`` or ``.filepart`` are still being written. A taken file moves to ``processed/``; the newest stay.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

UNFINISHED: Final = (".part", ".tmp", ".filepart")
PROCESSED: Final = "processed"
KEPT_FILES: Final = 20
"""Files kept as a backup (portal §2.3)."""


class FolderWatch:
    """Looks at one directory again and again."""

    def __init__(self, folder: Path, take: Callable[[Path], None]) -> None:
        """Watch ``folder``; ``take`` gets each finished file, and leaves it where it is."""
        self._folder = folder
        self._take = take
        self._before: dict[Path, tuple[int, int]] = {}

    def look(self) -> int:
        """Take the files that are finished now; returns how many."""
        now = {path: _state(path) for path in self._files()}
        finished = [path for path, state in now.items() if self._before.get(path) == state]
        for path in finished:
            self._hand_over(path)
            del now[path]
        self._before = now
        return len(finished)

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        found = (path for path in self._folder.iterdir() if path.is_file() and not path.is_symlink())
        return sorted(p for p in found if not p.name.startswith(".") and p.suffix not in UNFINISHED)

    def _hand_over(self, path: Path) -> None:
        processed = self._folder / PROCESSED
        processed.mkdir(exist_ok=True)
        self._take(path)
        path.replace(processed / path.name)
        keep_newest(processed)


def keep_newest(processed: Path) -> None:
    """Remove all but the newest of the files that were taken."""
    kept = sorted(processed.iterdir(), key=lambda old: old.stat().st_mtime_ns, reverse=True)
    for old in kept[KEPT_FILES:]:
        old.unlink()


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
