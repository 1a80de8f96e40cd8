"""Files as activities show them, one event after another (connectors §8).

Events may come in any order: each thing that is known of a file keeps the time of the event that told it, in ``told``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from opencasb.activities.categories import PREFIX
from opencasb.activities.file_sightings import FileEvent, FileSighting
from opencasb.activities.file_wire import DELETED, EXISTS, STATES, TRASHED, file_from, named
from opencasb.activities.inferred_sharing import sharing_after
from opencasb.model.iso_time import iso

_WRITES: Final = frozenset(
    PREFIX + name
    for name in (
        "UPLOAD_FILE",
        "SYNC_FILE_UPLOAD",
        "MODIFY_FILE",
        "RENAME_FILE",
        "MOVE_FILE",
        "CHECK_IN_FILE",
        "CREATE_FOLDER",
        "RENAME_FOLDER",
        "MOVE_FOLDER",
        "CREATE_STORAGE",
    )
)
_UPLOADS: Final = frozenset(
    PREFIX + name for name in ("UPLOAD_FILE", "SYNC_FILE_UPLOAD", "CREATE_FOLDER", "CREATE_STORAGE")
)
_RENAMES: Final = frozenset({f"{PREFIX}RENAME_FILE", f"{PREFIX}RENAME_FOLDER"})
"""Events in which a file may still have the name that it had before."""

_MOVES: Final = frozenset(PREFIX + name for name in ("MOVE_FILE", "MOVE_FOLDER", "COPY_FILE", "COPY_FOLDER"))
"""Events that may name the place before or the one after."""

_FACTS: Final = {
    "name": "name",
    "parentId": "parentId",
    "sitePath": "sitePath",
    "filePath": "filePath",
    "alternateLink": "url",
    "ownerAddress": "owner",
}
"""Keys of a file → those of a sighting."""

_DELETIONS: Final = frozenset(PREFIX + name for name in ("DELETE_FILE", "DELETE_FOLDER", "DELETE_STORAGE"))
_FOR_GOOD: Final = ("secondstage", "purge", "permanent")
"""Words of operations after which a file cannot be restored."""

_BACK: Final = ("restore", "undelete", "untrash")

_UNSURE: Final = 1 << 53
"""Taken off the time (ms) of what may be of before, so that whatever is sure comes before it."""

_Json = Mapping[str, Any]
_Document = dict[str, Any]


def file_of(sight: FileSighting, tenant_id: int, now: int) -> _Document:
    """Return a file that an activity shows for the first time. Raises :class:`Invalid`."""
    time = sight.event.time
    flat = {name: value for name, value in sight.flat.items() if name not in _FACTS.values()}
    return file_from({**flat, "scanVersion": 0, "modified": time, "statusTime": 0}, tenant_id, now)


def file_after(document: _Document, sight: FileSighting, domains: Collection[str] = ()) -> _Document:
    """Return a file after an event; ``domains`` are the tenant's own."""
    event = sight.event
    document["told"] = dict(document.get("told", {}))
    if document["scanVersion"] == 0:
        _learn(document, sight)
    _date(document, event)
    _exist(document, event)
    document["lastNrtTimestamp"] = max(event.time, document["lastNrtTimestamp"] or 0)
    return sharing_after(document, event, domains)


def _learn(document: _Document, sight: FileSighting) -> None:
    """Take what an event says of name, place and owner, unless a newer one said it already."""
    told, before = document["told"], document["lastNrtTimestamp"] or 0
    for key, part in _FACTS.items():
        value = sight.flat[part]
        rank = sight.event.time - (0 if _is_sure(sight, key) else _UNSURE)
        is_known = document[key] not in {None, document["id"]}  # which stands for a name that nobody told
        known = told.get(key, before if is_known else -_UNSURE)
        if not value or (rank, value) <= (known, document[key] or ""):
            continue
        told[key] = rank
        if key == "name":
            document |= named(value, is_folder=document["isFolder"])
        elif key == "ownerAddress":
            document |= {"ownerAddress": value, "ownerName": value}
        else:
            document[key] = value


def _is_sure(sight: FileSighting, key: str) -> bool:
    if key in sight.sure or key == "ownerAddress":
        return True
    return sight.event.category not in (_RENAMES if key == "name" else _MOVES)


def _date(document: _Document, event: FileEvent) -> None:
    """Note when a file was written; what never was is as old as its first event."""
    time, is_scanned = event.time, document["scanVersion"] != 0
    was_written = is_scanned or "modifiedDate" in document["told"]
    if event.category in _WRITES:
        if event.category in _UPLOADS and not is_scanned:
            document["createdDate"] = min(time, document["createdDate"] or time)
        if time >= document["modifiedDate"] or not was_written:
            document |= _modified(time)
        document["told"]["modifiedDate"] = document["modifiedDate"]
    elif not was_written and time < document["modifiedDate"]:
        document |= _modified(time)


def _modified(time: int) -> _Document:
    return {"modifiedDate": time, "timestamp": time, "snapshotLastModifiedDate": iso(time)}


def _exist(document: _Document, event: FileEvent) -> None:
    """Note whether the file is there, in the trash or gone, unless a newer event has said so."""
    if event.category in _DELETIONS:
        status = DELETED if any(word in event.operation for word in _FOR_GOOD) else TRASHED
    elif event.category in _WRITES or any(word in event.operation for word in _BACK):
        status = EXISTS
    else:
        return
    if (event.time, status) >= (document["statusTime"], document["fstat"] if document["scanVersion"] == 0 else 0):
        document |= {"fileStatus": [status, STATES[status]], "fstat": status, "statusTime": event.time}
