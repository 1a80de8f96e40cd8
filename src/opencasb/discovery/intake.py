"""Intake of log files into the queue, from a sender by the three steps of api §12.1, or from a receiver.

Bytes are durable (file and directory synced) before the state changes in the database, and the state changes before the
sender is told. Files are stored under ``<data>/uploads/<upload id>/``, named by their digest.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from opencasb.discovery.blob import Blob, BlobClosed, IntakeError, digest_of, file_of, hash_of, named, sync_folder
from opencasb.filters.errors import shown
from opencasb.model.durations import DAY
from opencasb.model.source_types import source_type, with_lines_of
from opencasb.model.stream import API_UPLOAD, Stream, StreamType, is_global_view
from opencasb.model.written_line import is_name
from opencasb.store.database import new_id
from opencasb.store.governance import GovernanceLog
from opencasb.store.streams import Streams
from opencasb.store.uploads import SYSLOG, Upload, Uploads

URL_LIFETIME_MS: Final = DAY
PARSE_TASK: Final = "DiscoveryParseLogTask"
LONGEST_TITLE: Final = 256


class UnknownSourceType(IntakeError):
    """The source type is unknown."""


class UnknownStream(IntakeError):
    """No data source has that name."""


class Intake:
    """Takes in log files for all tenants."""

    def __init__(
        self,
        folder: Path,
        uploads: Uploads,
        streams: Streams,
        governance_log: GovernanceLog,
        *,
        max_bytes: int,
        clock: Callable[[], int],
    ) -> None:
        self.root = folder
        """The directory of all uploads, with one subdirectory per upload, named by its id."""
        self._uploads = uploads
        self._streams = streams
        self._governance_log = governance_log
        self._max_bytes = max_bytes
        self._clock = clock

    def upload_url(self, tenant_id: int, filename: str, source: str, base_url: str, by: str = "") -> str:
        """Create an upload and return the URL to PUT the file to. Raises :class:`UnknownSourceType`."""
        name = checked_source(source)
        secret = secrets.token_urlsafe(32)
        upload = Upload(
            tenant_id=tenant_id,
            upload_id=new_id(),
            origin="api",
            filename=filename,
            source=name,
            created=self._clock(),
            secret_hash=hash_of(secret),
            created_by=by,
        )
        self._uploads.add(upload)
        return f"{base_url}/upload/log/{secret}?sv=1"  # account, container and blob, as the Azure client reads a path

    def blob(self, secret: str) -> Blob | None:
        """Return the blob behind an upload URL, or None if we never issued it. Raises :class:`BlobClosed`."""
        upload = self._uploads.by_secret(hash_of(secret))
        if upload is None:
            return None
        if upload.state not in {"open", "received"} or upload.created + URL_LIFETIME_MS < self._clock():
            raise BlobClosed("the upload URL has been used or is older than 24 hours: ask for a new one")
        return Blob(upload, self.folder(upload), self._uploads, self._max_bytes)

    def done(
        self, tenant_id: int, upload_url: str, *, stream_name: str | None = None, snapshot: bool = False, by: str = ""
    ) -> Stream:
        """Queue an upload for parsing and return the stream it feeds; a repeated call returns the same stream.

        Raises :class:`IntakeError` for an unknown URL, missing bytes, an unknown data source, or a snapshot named like
        the global report.
        """
        secret = urlsplit(upload_url).path.rpartition("/")[2]
        upload = self._uploads.by_secret(hash_of(secret))
        if upload is None or upload.tenant_id != tenant_id:
            raise IntakeError("uploadUrl: this URL was not given out by discovery/upload_url")
        if upload.stream_id is not None:
            stream = self._streams.get(tenant_id, upload.stream_id)
            if stream is None:
                raise IntakeError("uploadUrl: the report of this upload has been deleted")
            return stream
        if upload.state != "received":
            raise IntakeError("uploadUrl: nothing has been uploaded to this URL yet")
        stream = self._target(upload, stream_name, snapshot=snapshot)
        if self._queue(upload, stream, by):
            return stream
        return self.done(tenant_id, upload_url)  # a duplicate of this request won the race

    def enqueue(
        self,
        stream: Stream,
        path: Path,
        *,
        origin: str,
        filename: str,
        source: str = "",
        upload_id: str | None = None,
        keep: bool = False,
    ) -> Upload:
        """Queue a complete local file (from a receiver or the command line), and delete it unless ``keep`` is set.

        ``source`` is its source type, by default the stream's. The deletion comes last: a caller that was killed
        repeats the call with the same id, which makes no second upload.
        """
        upload = Upload(
            tenant_id=stream.tenant_id,
            upload_id=upload_id or new_id(),
            origin=origin,
            filename=filename,
            source=source or with_lines_of(stream.source),
            created=self._clock(),
        )
        self._uploads.add(upload)
        if self._is_open(upload):
            size, digest = _place(path, self.folder(upload), copied=keep)
            received: dict[str, Any] = {"received": self._clock(), "size": size, "digest": digest}
            self._uploads.change(upload.tenant_id, upload.upload_id, expect=("open",), state="received", **received)
        self._queue(upload, stream, origin)
        if not keep:
            path.unlink()
        return upload

    def folder(self, upload: Upload) -> Path:
        """Return the directory of an upload."""
        return self.root / upload.upload_id

    def file(self, upload: Upload) -> Path:
        """Return the file of a received upload."""
        return file_of(self.folder(upload), upload.digest)

    def _target(self, upload: Upload, name: str | None, *, snapshot: bool) -> Stream:
        tenant_id = upload.tenant_id
        if snapshot:
            title = checked_title(name or upload.filename, "inputStreamName")
            # The id is derived from the upload's, so a step that was killed here and is retried makes no second report.
            return self._streams.snapshot(tenant_id, f"{int(upload.upload_id, 16) ^ 2:024x}", title, upload.source)
        if name is None:
            return self._streams.obtain(tenant_id, API_UPLOAD, StreamType.INPUT, source=upload.source)
        stream = self._streams.by_name(tenant_id, name)
        if stream is None or stream.stream_type is not StreamType.INPUT:
            known = [s.display_name for s in self._streams.all(tenant_id) if s.stream_type is StreamType.INPUT]
            allowed = ", ".join(known) or "none"
            raise UnknownStream(f"inputStreamName: {name!r} is not a data source; known: {allowed}")
        return stream

    def _is_open(self, upload: Upload) -> bool:
        found = self._uploads.get(upload.tenant_id, upload.upload_id)
        return found is not None and found.state == "open"

    def _queue(self, upload: Upload, stream: Stream, by: str) -> bool:
        """Queue a received upload; return False if it is not, or no longer, in that state."""
        task_id = None if upload.origin == SYSLOG else new_id()  # an entry every few seconds would drown the log
        values: dict[str, Any] = {"stream_id": stream.stream_id, "task_id": task_id, "created_by": by}
        if not self._uploads.change(upload.tenant_id, upload.upload_id, expect=("received",), state="queued", **values):
            return False
        self.announce(upload.tenant_id, task_id, stream, by, upload.filename)
        return True

    def announce(self, tenant_id: int, task_id: str | None, stream: Stream, by: str, label: str) -> None:
        """Write the pending parse task of an upload, unless it exists already or none is wanted."""
        if task_id is not None:
            self._governance_log.add(
                tenant_id, PARSE_TASK, stream_id=stream.stream_id, created_by=by, label=label, task_id=task_id
            )


def checked_source(source: str) -> str:
    """Return the canonical source type of ``source``. Raises :class:`UnknownSourceType`, listing the allowed ones."""
    try:
        return source_type(source)
    except ValueError as error:
        raise UnknownSourceType(f"source: {error}") from None


def checked_title(name: str, field: str) -> str:
    """Return a valid name for a new report, not the global one. Raises :class:`IntakeError` about ``field``."""
    if is_global_view(name):
        raise IntakeError(f"{field}: {name!r} is the name of the report over all data sources; give another one")
    if not 1 <= len(name) <= LONGEST_TITLE or not is_name(name):
        raise IntakeError(f"{field}: {shown(name)!r} must have 1 to {LONGEST_TITLE} printable characters")
    return name


def _place(path: Path, folder: Path, *, copied: bool) -> tuple[int, str]:
    """Put a file into its upload's directory durably; return its size and digest. The original stays in place."""
    part = folder / "part"
    folder.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    if copied or not _linked(path, part):
        shutil.copyfile(path, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    size, digest = part.stat().st_size, digest_of(part)
    part.replace(named(folder, digest))
    part.unlink(missing_ok=True)  # renaming one hard link over another of the same file does nothing
    sync_folder(folder)
    return size, digest


def _linked(path: Path, part: Path) -> bool:
    try:
        part.hardlink_to(path)
    except OSError:  # another file system, or one without hard links
        return False
    return True
