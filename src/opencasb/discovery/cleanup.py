"""What uploads and data sources leave behind, removed from time to time: rows nobody asks for, files nobody reads.

That the same file counts once for its data source does not hang on these rows: the lake knows its batches itself.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from opencasb.discovery.intake import URL_LIFETIME_MS
from opencasb.store.streams import Streams
from opencasb.store.uploads import Uploads

UNFINISHED_MS: Final = 2 * URL_LIFETIME_MS
"""Age at which an upload without step 3 goes: its URL is expired, and a slow sender had as long again to end."""

ENDED_MS: Final = 30 * 24 * 3600 * 1000
"""Time for which step 3 can be repeated after an upload ended; its result stands in the governance log for longer."""

SEGMENT_MS: Final = 24 * 3600 * 1000
"""The same for segments of syslog receivers, of which there may be one every few seconds."""

DELETED_MS: Final = 24 * 3600 * 1000
"""For so long nothing came to the directory of a data source that was deleted: no server has anything of it in hand."""

_ID: Final = re.compile(r"[0-9a-f]{24}")


@dataclass(frozen=True, slots=True)
class Removed:
    """How many unfinished uploads, ended uploads and directories went."""

    unfinished: int
    ended: int
    folders: int


def remove_uploads(uploads: Uploads, root: Path, now: int) -> Removed:
    """Remove what is old at ``now`` (ms), and from ``root`` the directories of uploads that ended or are unknown.

    A worker deletes the files of what it ended itself; those of one that was killed in between go here.
    """
    unfinished = uploads.forget_unfinished(now - UNFINISHED_MS)
    ended = uploads.forget_ended(now - ENDED_MS, now - SEGMENT_MS)
    folders = _unused(uploads, root)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return Removed(unfinished, ended, len(folders))


def remove_sources(streams: Streams, root: Path, now: int) -> int:
    """Remove from ``root`` the directories of data sources that were deleted, a day later; returns how many.

    They have the newest files that came by FTP and SFTP, and the headers of senders of syslog.
    """
    before = (now - DELETED_MS) / 1000
    old = [path for path in _named(root) if path.stat().st_mtime < before]
    known = streams.ids()
    deleted = [path for path in old if path.name not in known]
    for folder in deleted:
        shutil.rmtree(folder, ignore_errors=True)
    return len(deleted)


def _named(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if _ID.fullmatch(path.name)] if root.is_dir() else []


def _unused(uploads: Uploads, root: Path) -> list[Path]:
    found = _named(root)
    waiting = uploads.waiting()  # asked after the look: a row is there before its directory
    return [path for path in found if path.name not in waiting]
