"""Infer files from activities, one event at a time (connectors §8).

Events may arrive in any order: ``told`` records for each fact about a file the time of the event that it comes from.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from opencasb.activities.categories import PREFIX
from opencasb.activities.file_sightings import FileEvent, FileSighting
from opencasb.activities.file_wire import DELETED, EXISTS, STATES, TRASHED, file_from, named
from opencasb.activities.inferred_sharing import sharing_after
from opencasb.activities.own_domains import is_external
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
"""Events that may still carry the old name of the file."""

_MOVES: Final = frozenset(PREFIX + name for name in ("MOVE_FILE", "MOVE_FOLDER", "COPY_FILE", "COPY_FOLDER"))
"""Events that may name either the old or the new location."""

_FACTS: Final = {
    "name": "name",
    "parentId": "parentId",
    "sitePath": "sitePath",
    "filePath": "filePath",
    "alternateLink": "url",
    "ownerAddress": "owner",
}
"""Keys of a file → keys of a sighting."""

_DELETIONS: Final = frozenset(PREFIX + name for name in ("DELETE_FILE", "DELETE_FOLDER", "DELETE_STORAGE"))
_FOR_GOOD: Final = ("secondstage", "purge", "permanent")
"""Words in the names of operations that delete for good."""

_BACK: Final = ("restore", "undelete", "untrash")

_UNSURE: Final = 1 << 53
"""Subtracted from the time (ms) of a fact that may describe the earlier state, so that any certain fact outranks it."""

_Document = dict[str, Any]


def file_of(sight: FileSighting, tenant_id: int, now: int) -> _Document:
    """Return a file that an activity shows for the first time. Raises :class:`Invalid`."""
    time = sight.event.time
    flat = {name: value for name, value in sight.flat.items() if name not in _FACTS.values()}
    return file_from({**flat, "scanVersion": 0, "modified": time, "statusTime": 0}, tenant_id, now)


def file_after(document: _Document, sight: FileSighting, domains: Collection[str]) -> _Document:
    """Return a file updated by an event; ``domains`` are the tenant's own."""
    event = sight.event
    document["told"] = dict(document.get("told", {}))
    if document["scanVersion"] == 0:
        _learn(document, sight, domains)
    _date(document, event)
    _exist(document, event)
    document["lastNrtTimestamp"] = max(event.time, document["lastNrtTimestamp"] or 0)
    return sharing_after(document, event, domains)


def _learn(document: _Document, sight: FileSighting, domains: Collection[str]) -> None:
    """Adopt name, location and owner from an event, unless a newer one has already stated them."""
    told, before = document["told"], document["lastNrtTimestamp"] or 0
    for key, part in _FACTS.items():
        value = sight.flat[part]
        rank = sight.event.time - (0 if _is_sure(sight, key) else _UNSURE)
        is_known = document[key] not in {None, document["id"]}  # the id stands in for an unknown name
        known = told.get(key, before if is_known else -_UNSURE)
        if not value or (rank, value) <= (known, document[key] or ""):
            continue
        told[key] = rank
        if key == "name":
            document |= named(value, is_folder=document["isFolder"])
        elif key == "ownerAddress":
            document |= {"ownerAddress": value, "ownerName": value, "ownerExternal": is_external(value, domains)}
        else:
            document[key] = value


def _is_sure(sight: FileSighting, key: str) -> bool:
    if key in sight.sure or key == "ownerAddress":
        return True
    return sight.event.category not in (_RENAMES if key == "name" else _MOVES)


def _date(document: _Document, event: FileEvent) -> None:
    """Update the modification time; a file that was never written is as old as its first event."""
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
    """Update whether the file exists, is in the trash or is gone, unless a newer event has decided it."""
    if event.category in _DELETIONS:
        status = DELETED if any(word in event.operation for word in _FOR_GOOD) else TRASHED
    elif event.category in _WRITES or any(word in event.operation for word in _BACK):
        status = EXISTS
    else:
        return
    if (event.time, status) >= (document["statusTime"], document["fstat"] if document["scanVersion"] == 0 else 0):
        document |= {"fileStatus": [status, STATES[status]], "fstat": status, "statusTime": event.time}
