"""The directory where senders drop files by FTP or SFTP: one per data source.

A file in transfer has a name that no sender can ask for. Once its transfer has ended it gets its own name, synced to
disk, before the sender is told; from then on it can be taken. Names that end in ``.part``, ``.tmp`` or ``.filepart``
wait until the sender renames them. The newest of the files taken are kept as a backup (portal §2.3).
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from opencasb.discovery.blob import sync_folder
from opencasb.discovery.receivers.attempts import Attempts
from opencasb.discovery.receivers.folder import PROCESSED, UNFINISHED, by_inode, file_id, free_path, keep_newest

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

UNDER_WAY: Final = ".under-way-"
LONGEST_NAME: Final = 200
"""Longest file name in bytes."""

LARGEST_GAP: Final = 16 * 1024 * 1024
"""Bytes by which a piece may be ahead of the others; a hole takes no disk here, but all of its size when it is read."""


class Refused(OSError):
    """The sender may not do this; the message is for the sender."""


class Missing(OSError):
    """Earlier bytes have not arrived or could not be stored; the message is for the sender."""


class Incoming(io.FileIO):
    """A file in transfer; if closed without :meth:`commit` it stays, so that the sender can resume it."""

    def __init__(self, path: Path, mode: str, done: Callable[[], None], over: Callable[[], None]) -> None:
        super().__init__(path, mode)
        self._done = done
        self._over = over
        self._is_begun = False
        self._has_failed = False

    def write(self, data: ReadableBuffer, /) -> int:
        """Write a whole piece. Raises ``OSError``: on a full disk the system writes what fits and reports that once."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            rest = rest[os.write(self.fileno(), rest) :]
        return size

    def write_at(self, offset: int, data: bytes) -> int:
        """Write a whole piece at a given offset. Raises ``OSError``.

        Raises :class:`Missing` for a first piece beyond the end, as when a sender resumes a file that has already
        arrived in full, for one beyond a failed piece, and for one far beyond the others: each would leave a hole.
        """
        failed, self._has_failed = self._has_failed, True
        gap = offset - os.fstat(self.fileno()).st_size
        if gap > (0 if failed or not self._is_begun else LARGEST_GAP):
            raise Missing("there is no file under way that goes so far: send it from the beginning")
        written = 0
        while written < len(data):
            written += os.pwrite(self.fileno(), data[written:], offset + written)
        self._is_begun, self._has_failed = True, failed
        return written

    def commit(self) -> None:
        """Give the file its name, as the transfer has succeeded. Raises :class:`Missing` if a piece failed."""
        if not self.closed:
            if self._has_failed:
                raise Missing("a piece of the file could not be kept")
            os.fsync(self.fileno())
            self._done()

    def close(self) -> None:
        """Close the file, and delete it if it failed before its first byte."""
        if not self.closed:
            if self._has_failed and not os.fstat(self.fileno()).st_size:
                Path(self.name).unlink()
            super().close()
            self._over()


class DropFolder:
    """The directory of one data source, presented as flat: every directory a sender names leads to it."""

    _busy: Final[set[Path]] = set()
    _lock: Final = Lock()

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, creating it if necessary."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        """Return the names of the complete files that are waiting."""
        return sorted(path.name for path in self.folder.iterdir() if path.is_file() and not path.name.startswith("."))

    def find(self, name: str) -> Path | None:
        """Return the file with that name: in transfer, complete, or already taken; None if there is none.

        A sender that asks for the size of a file in transfer resumes it, even if an earlier file of that name is still
        waiting.
        """
        wanted = checked_name(name)
        places = (self.folder / f"{UNDER_WAY}{wanted}", self.folder / wanted, self.folder / PROCESSED / wanted)
        return next((path for path in places if path.is_file()), None)

    def is_under_way(self, name: str) -> bool:
        """Return whether a file of that name has arrived in part. Raises :class:`Refused`."""
        return (self.folder / f"{UNDER_WAY}{checked_name(name)}").is_file()

    def write(self, name: str, *, resumed: bool) -> Incoming:
        """Open a file for writing: from the start, or from where it stopped if ``resumed``.

        Raises :class:`Refused` for a name that is not allowed or that another transfer is writing, and ``OSError``.
        """
        wanted = checked_name(name)
        path = self.folder / f"{UNDER_WAY}{wanted}"
        with self._lock:
            if path in self._busy:
                raise Refused(f"{wanted} is being written by another transfer")
            self._busy.add(path)
        mode = "r+" if resumed and path.exists() else "w+"
        try:
            return Incoming(path, mode, lambda: self._name(path, wanted), lambda: self._busy.discard(path))
        except OSError:
            self._busy.discard(path)
            raise

    def rename(self, old: str, new: str) -> None:
        """Rename a complete file that has not been taken. Raises :class:`Refused`."""
        path = self.folder / checked_name(old)
        if not path.is_file():
            raise Refused(f"{path.name} is not here, or was taken")
        self._name(path, checked_name(new))

    def remove(self, name: str) -> None:
        """Remove a file that has not been taken. Raises :class:`Refused`."""
        path = self.find(name)
        if path is None or path.parent != self.folder:
            raise Refused(f"{name} is not here, or was taken")
        path.unlink()

    def take(self, hand_over: Callable[[Path, str], None], attempts: Attempts | None = None) -> int:
        """Hand over every complete file with an id that stays the same after a kill; return how many.

        Raises what keeps a file from being taken, at the end and only once.
        """

        def taken(path: Path) -> None:
            hand_over(path, file_id(path))
            processed = self.folder / PROCESSED
            processed.mkdir(exist_ok=True)
            path.replace(processed / path.name)
            keep_newest(processed)

        found = [self.folder / name for name in self.names() if Path(name).suffix not in UNFINISHED]
        return (attempts or Attempts()).each(by_inode(found), taken)

    def _name(self, path: Path, wanted: str) -> None:
        with self._lock:  # two transfers that end at once get different names
            path.rename(free_path(self.folder, wanted))
        sync_folder(self.folder)


def checked_name(path: str) -> str:
    """Return the last part of a sender's path. Raises :class:`Refused` if it is not a valid file name."""
    name = path.replace("\\", "/").rpartition("/")[2]
    if (
        not name
        or name.startswith(".")
        or name == PROCESSED  # the folder could not be made, and no file be taken any more
        or len(name.encode("utf-8", "replace")) > LONGEST_NAME
        or not name.isprintable()
    ):
        raise Refused(
            f"{name!r} is not a valid name for a log file: at most {LONGEST_NAME} bytes, no dot at the beginning, and "
            f"not {PROCESSED!r}"
        )
    return name
