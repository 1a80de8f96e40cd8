"""The folder receiver: takes every finished file that is put into a directory.

A file is finished when its size and time have not changed since the previous poll; after a start that is the second
poll. Names that begin with a dot or end in ``.part``, ``.tmp`` or ``.filepart`` are still being written. A finished
file is moved to ``.taking/`` before it is read, so that another one with its name may arrive meanwhile, and then to
``processed/``, where the newest are kept. Links are never followed: whoever may write here could name our own files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from opencasb.discovery.receivers.attempts import Attempts

UNFINISHED: Final = (".part", ".tmp", ".filepart")
TAKING: Final = ".taking"
PROCESSED: Final = "processed"
KEPT_FILES: Final = 20
"""Files kept as a backup (portal §2.3)."""


class FolderWatch:
    """Polls one directory."""

    def __init__(self, folder: Path, take: Callable[[Path, str], None], attempts: Attempts | None = None) -> None:
        """Watch ``folder``; ``take`` gets each finished file and its upload id, and leaves the file where it is."""
        self._folder = folder
        self._take = take
        self._attempts = attempts or Attempts()
        self._before: dict[Path, tuple[int, int]] = {}
        self._problem = ""

    def poll(self) -> int:
        """Take the files that are finished now, interrupted ones first; return how many.

        Raises ``OSError`` once if the folder does not exist (any more), and then keeps looking silently. The same goes
        for a file that cannot be taken; the others are.
        """
        before, self._problem = self._problem, _problem(self._folder)
        if self._problem not in {"", before}:
            raise NotADirectoryError(self._problem)
        now = {path: state for path in _files(self._folder) if _is_named(path) and (state := _state(path))}
        finished = [path for path, state in now.items() if self._before.get(path) == state]
        self._before = now
        interrupted = _files(_own(self._folder, TAKING))
        return self._attempts.each(by_inode([*interrupted, *finished]), self._hand_over)

    def _hand_over(self, path: Path) -> None:
        taken = self._moved(path) if path.parent == self._folder else path
        processed = _own(self._folder, PROCESSED)
        processed.mkdir(exist_ok=True)
        if taken.is_symlink():  # since we looked
            raise OSError(f"{taken.name} is a link now")
        self._take(taken, file_id(taken))
        taken.replace(_own(self._folder, PROCESSED) / taken.name)
        keep_newest(_own(self._folder, PROCESSED))

    def _moved(self, path: Path) -> Path:
        """Move a file out of the way if it is readable; otherwise leave it where its owner can fix it."""
        path.open("rb").close()
        taking = _own(self._folder, TAKING)
        taking.mkdir(exist_ok=True)
        moved = path.rename(free_path(taking, path.name))
        del self._before[path]
        return moved


def _own(folder: Path, name: str) -> Path:
    """Return a subfolder of ours. Raises ``OSError`` if it is a link, which may lead anywhere."""
    path = folder / name
    if path.is_symlink():
        raise NotADirectoryError(f"{path} is a link; it has to be a folder of its own")
    return path


def free_path(folder: Path, name: str) -> Path:
    """Return an unused path for that name: a second file with the name must not replace the first."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return path


def keep_newest(processed: Path) -> None:
    """Remove all but the newest of the processed files; a folder that somebody made there stays."""
    files = [path for path in processed.iterdir() if path.is_file()]
    kept = sorted(files, key=lambda old: old.stat().st_mtime_ns, reverse=True)
    for old in kept[KEPT_FILES:]:
        old.unlink()


def by_inode(paths: Iterable[Path]) -> dict[Hashable, Path]:
    """Return those files that are still there, by a key that they keep when they are renamed."""
    found: dict[Hashable, Path] = {}
    for path in paths:
        with suppress(FileNotFoundError):  # its sender renamed or removed it
            found[path.stat().st_ino] = path
    return found


def file_id(path: Path) -> str:
    """Return an upload id for a file, stable as long as nobody changes, replaces or moves it.

    A file that an operator moves back from ``processed/`` to have it read again gets another id.
    """
    found = path.stat()
    times = found.st_mtime_ns, found.st_ctime_ns
    facts: tuple[Any, ...] = (str(path.parent), path.name, found.st_ino, found.st_size, *times)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def _problem(folder: Path) -> str:
    if folder.is_dir():
        return ""
    return f"{folder} is not a folder" if folder.exists() else f"the folder {folder} is not there"


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def _is_named(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix not in UNFINISHED


def _state(path: Path) -> tuple[int, int] | None:
    """Return the size and time of a file, or None if it has been renamed or removed."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns
