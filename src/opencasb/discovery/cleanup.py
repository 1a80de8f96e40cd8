"""Periodic removal of what uploads and data sources leave behind: rows nobody queries and files nobody reads.

De-duplication of files per data source does not depend on these rows: the lake records its own batches.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from opencasb.discovery.intake import URL_LIFETIME_MS
from opencasb.model.durations import DAY
from opencasb.model.id_forms import is_object_id
from opencasb.store.streams import Streams
from opencasb.store.uploads import Uploads

UNFINISHED_MS: Final = 2 * URL_LIFETIME_MS
"""Age at which an upload without step 3 is removed: its URL has expired, and a slow sender had as long again to
finish."""

ENDED_MS: Final = 30 * DAY
"""How long step 3 can be repeated after an upload ended; the governance log keeps its result for longer."""

SEGMENT_MS: Final = DAY
"""The same for segments from syslog receivers, which may arrive every few seconds."""

DELETED_MS: Final = DAY
"""How long the directory of a deleted data source must be untouched, so that no server is still working on its
files."""


@dataclass(frozen=True, slots=True)
class Removed:
    """Numbers of unfinished uploads, ended uploads and directories removed."""

    unfinished: int
    ended: int
    folders: int


def remove_uploads(uploads: Uploads, root: Path, now: int) -> Removed:
    """Remove uploads that are old at ``now`` (ms), and directories in ``root`` whose upload has ended or is unknown.

    A worker deletes the files of the uploads that it finishes; those of a worker killed in between are removed here.
    """
    unfinished = uploads.forget_unfinished(now - UNFINISHED_MS)
    ended = uploads.forget_ended(now - ENDED_MS, now - SEGMENT_MS)
    folders = _unused(uploads, root)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return Removed(unfinished, ended, len(folders))


def remove_sources(streams: Streams, root: Path, now: int) -> int:
    """Remove the directories of deleted data sources from ``root`` after a day; return how many.

    They hold the newest files received by FTP and SFTP, and the headers of syslog senders.
    """
    before = (now - DELETED_MS) / 1000
    old = [path for path in _named(root) if path.stat().st_mtime < before]
    known = streams.ids()
    deleted = [path for path in old if path.name not in known]
    for folder in deleted:
        shutil.rmtree(folder, ignore_errors=True)
    return len(deleted)


def _named(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if is_object_id(path.name)] if root.is_dir() else []


def _unused(uploads: Uploads, root: Path) -> list[Path]:
    found = _named(root)
    waiting = uploads.waiting()  # queried after listing: a row exists before its directory
    return [path for path in found if path.name not in waiting]
