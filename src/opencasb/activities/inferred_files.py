"""Files as activities show them, one event after another (connectors §8)."""

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
"""Events in which a file still has the name that it had before."""

_MOVES: Final = frozenset(PREFIX + name for name in ("MOVE_FILE", "MOVE_FOLDER", "COPY_FILE", "COPY_FOLDER"))
"""Events that may name the place before or the one after."""

_PLACES: Final = {"parentId": "parentId", "sitePath": "sitePath", "filePath": "filePath", "alternateLink": "url"}
"""Keys of a file → those of a sighting."""

_DELETIONS: Final = frozenset(PREFIX + name for name in ("DELETE_FILE", "DELETE_FOLDER", "DELETE_STORAGE"))
_FOR_GOOD: Final = ("secondstage", "purge", "permanent")
"""Words of operations after which a file cannot be restored."""

_BACK: Final = ("restore", "undelete", "untrash")

_Json = Mapping[str, Any]
_Document = dict[str, Any]


def file_of(sight: FileSighting, tenant_id: int, now: int) -> _Document:
    """Return a file that an activity shows for the first time. Raises :class:`Invalid`."""
    time = sight.event.time
    inferred = {"scanVersion": 0, "modified": time, "statusTime": 0}
    return file_from({**sight.flat, **inferred}, tenant_id, now)


def file_after(document: _Document, sight: FileSighting, domains: Collection[str] = ()) -> _Document:
    """Return a file after an event; ``domains`` are the tenant's own."""
    event = sight.event
    if document["scanVersion"] == 0:
        name = sight.flat["name"]
        is_newest = event.time >= (document["lastNrtTimestamp"] or 0) and event.category not in _RENAMES
        if name and is_newest:
            document |= named(name, is_folder=document["isFolder"])
        is_there = is_newest and event.category not in _MOVES
        for key, place in _PLACES.items():
            if sight.flat[place] and (is_there or not document[key]):
                document[key] = sight.flat[place]
        document["ownerAddress"] = document["ownerAddress"] or sight.flat["owner"]
        document["ownerName"] = document["ownerName"] or sight.flat["owner"]
    if event.category in _WRITES:
        _write(document, sight)
    elif _is_never_written(document) and event.time < document["modifiedDate"]:
        document |= _modified(event.time)
    _exist(document, event)
    document["lastNrtTimestamp"] = max(event.time, document["lastNrtTimestamp"] or 0)
    return sharing_after(document, event, domains)


def _write(document: _Document, sight: FileSighting) -> None:
    time = sight.event.time
    if sight.event.category in _UPLOADS and document["scanVersion"] == 0:
        document["createdDate"] = min(time, document["createdDate"] or time)
    if time >= document["modifiedDate"] or _is_never_written(document):
        document |= _modified(time)


def _is_never_written(document: _Json) -> bool:
    """Tell whether nothing has said when a file was written: it was there when it was seen for the first time."""
    return (document["scanVersion"], document["statusTime"]) == (0, 0)


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
    if event.time >= document["statusTime"]:
        document |= {"fileStatus": [status, STATES[status]], "fstat": status, "statusTime": event.time}
