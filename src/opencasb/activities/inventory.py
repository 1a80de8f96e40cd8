"""Files as activities show them (connectors §8): enough for the page of a file and for policies on metadata.

A file that is seen for the first time is private. Sharing raises its level, the end of a share leaves what the others
reach. Events may come late: the newest one decides whether a file exists, and a share that comes after its end counts,
so that a file is at worst taken to be shared further than it is. A scan overwrites all of it; later events go on from
there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.activities.categories import PREFIX
from opencasb.activities.columns import ACTOR_ROLES
from opencasb.activities.file_columns import (
    DELETED,
    EXISTS,
    EXTERNAL,
    GROUP,
    INTERNAL,
    LONGEST_ID,
    LONGEST_NAME,
    PUBLIC,
    PUBLIC_INTERNET,
    STATES,
    TRASHED,
    USER,
    collaborator,
    file_from,
    file_id,
    named,
    reach,
    record,
    with_sharing,
)
from opencasb.activities.given import MOST_ITEMS
from opencasb.activities.invalid import Invalid
from opencasb.activities.wire_parts import MOST_OBJECTS, at, kind, listed, number, text
from opencasb.model.iso_time import LATEST, iso
from opencasb.model.pieces import pieces
from opencasb.store.files import Files
from opencasb.store.records import Record
from opencasb.store.sequences import lock

FILE_KINDS: Final = frozenset({"file", "folder", "bucket", "document"})
FOLDER_KINDS: Final = frozenset({"folder", "bucket"})
"""Kinds of objects (``serviceObjectType``) that are files, and those of them that hold others."""

ANYONE: Final = "anonymous"
COMPANY: Final = "company"
WEB: Final = "web"
"""Links to a file, which reach further than any collaborator."""

LINK_LEVELS: Final = {COMPANY: INTERNAL, ANYONE: PUBLIC, WEB: PUBLIC_INTERNET}

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

_DELETIONS: Final = frozenset(PREFIX + name for name in ("DELETE_FILE", "DELETE_FOLDER", "DELETE_STORAGE"))
_SHARES: Final = frozenset({f"{PREFIX}SHARE_FILE", f"{PREFIX}CHANGE_SHARING_PERMISSIONS"})
_UNSHARE: Final = f"{PREFIX}UNSHARE_FILE"
_LINKS: Final = {f"{PREFIX}CREATE_ANONYMOUS_LINK": ANYONE, f"{PREFIX}CREATE_COMPANY_LINK": COMPANY}
_FOR_GOOD: Final = ("secondstage", "purge", "permanent")
"""Words of operations after which a file cannot be restored."""

_BACK: Final = ("restore", "undelete", "untrash")
_REACHES: Final = {"internal": INTERNAL, "external": EXTERNAL, "public": PUBLIC}
_COLLABORATORS: Final = {"user": USER, "account": USER, "emailaddress": USER, "group": GROUP}

_Json = Mapping[str, Any]
_Document = dict[str, Any]


class _Event(msgspec.Struct, frozen=True):
    """What one activity says of a file; ``people`` are those that it names, with their collaborator type.

    ``by`` is the name of whoever did it.
    """

    time: int
    category: str
    operation: str
    reach: int | None
    people: tuple[tuple[str, int], ...]
    by: str


class _Sight(msgspec.Struct, frozen=True):
    """A file as one activity shows it; ``flat`` are the keys of a delivered file."""

    record_id: str
    flat: dict[str, Any]
    event: _Event


def files_in(
    activities: Iterable[_Json], tenant_id: int, stored: Mapping[str, _Json], now: int
) -> list[Record]:  # JSON
    """Return the files that wire activities show, as far as they are new or differ from ``stored`` (by record id)."""
    return _records(_sights(activities, tenant_id), tenant_id, stored, now)


class Inventory:
    """Keeps the files of a tenant in step with its activities."""

    def __init__(self, files: Files, clock: Callable[[], int]) -> None:
        self._files = files
        self._clock = clock

    def seen(self, tenant_id: int, activities: Sequence[_Json], connection: sa.Connection) -> None:
        """Store what new activities show, in the transaction that stores them."""
        sights = _sights(activities, tenant_id)
        if not sights:
            return
        lock(connection, tenant_id, self._files.kind.name)
        stored: dict[str, _Document] = {}
        for names in pieces({each.record_id for each in sights}):
            stored |= self._files.many(tenant_id, names, connection=connection)
        for piece in pieces(_records(sights, tenant_id, stored, self._clock())):
            self._files.put(tenant_id, piece, connection=connection)


def _sights(activities: Iterable[_Json], tenant_id: int) -> list[_Sight]:
    found = [each for activity in activities for each in _of_activity(activity, tenant_id)]
    return sorted(found, key=lambda each: (each.event.time, each.event.category, each.event.operation))


def _records(sights: Iterable[_Sight], tenant_id: int, stored: Mapping[str, _Json], now: int) -> list[Record]:
    documents: dict[str, _Document] = {}
    for sight in sights:
        known = documents.get(sight.record_id) or stored.get(sight.record_id)
        try:
            document = dict(known) if known else _first_seen(sight, tenant_id, now)
        except Invalid:
            continue  # a file that could not be delivered is not inferred either
        documents[sight.record_id] = _after(document, sight)
    return [record(each) for record_id, each in documents.items() if stored.get(record_id) != each]


def _of_activity(activity: _Json, tenant_id: int) -> Iterator[_Sight]:
    main = activity.get("mainInfo")
    objects = [each for each in listed(at(main, "eventObjects")) if isinstance(each, Mapping)]
    files = [each for each in objects if kind(each) in FILE_KINDS]
    if not files:
        return
    time, app_id = number(activity.get("timestamp")), number(activity.get("appId"))
    failed = at(main, "activityResult", "isSuccess") is False
    if time is None or app_id is None or time > LATEST or failed:
        return
    event, place = _event(activity, time, objects), _place(activity)
    folder = next((each for each in files if kind(each) in FOLDER_KINDS and len(files) > 1), None)
    for each in files[:MOST_OBJECTS]:
        name = text(each.get("name"), LONGEST_NAME)
        source_id = text(each.get("id"), LONGEST_ID) or _path(name, each, folder)
        if source_id is None:
            continue
        inst = number(each.get("instanceId")) or 0
        flat = {
            "id": source_id,
            "appId": app_id,
            "appName": text(activity.get("appName"), LONGEST_NAME),
            "instanceId": inst,
            "name": name.replace("\\", "/").rpartition("/")[2] or name if name else None,
            "isFolder": True if kind(each) in FOLDER_KINDS else None,
            "parentId": text(folder.get("id"), LONGEST_ID) if folder and folder is not each else None,
            **place,
        }
        yield _Sight(file_id(tenant_id, app_id, inst, source_id), flat, event)


def _path(name: str | None, file: _Json, folder: _Json | None) -> str | None:
    """Return what stands for the id of a file whose app gives none: its path, from the bucket on if there is one."""
    bucket = None if folder is None or folder is file else text(folder.get("name"), LONGEST_NAME)
    return f"{bucket}/{name}"[:LONGEST_ID] if name and bucket else name


def _event(activity: _Json, time: int, objects: Sequence[_Json]) -> _Event:
    people = []
    for each in objects[:MOST_OBJECTS]:
        sort, name = kind(each), text(each.get("name"), LONGEST_ID) or text(each.get("id"), LONGEST_ID)
        if name and sort in _COLLABORATORS and number(each.get("role")) not in ACTOR_ROLES:
            people.append((name.lower() if "@" in name else name, _COLLABORATORS[sort]))
    sharing = at(activity, "collected", "normalised", "sharing")
    return _Event(
        time=time,
        category=str(activity.get("eventTypeName")),
        operation=str(at(activity, "mainInfo", "rawOperationName")).lower(),
        reach=_REACHES.get(sharing) if isinstance(sharing, str) else None,
        people=tuple(people),
        by=text(at(activity, "user", "userName"), LONGEST_ID) or "",
    )


def _place(activity: _Json) -> dict[str, Any]:  # JSON
    """Return where a file is and whose it is, as far as the record of the app says."""
    raw = activity.get("rawDataJson")
    owner = text(at(raw, "owner"), LONGEST_ID)
    site, url = text(at(raw, "SiteUrl"), LONGEST_ID), text(at(raw, "ObjectId"), LONGEST_ID)
    path = text(at(raw, "SourceRelativeUrl"), LONGEST_ID)
    actor = text(at(activity, "user", "userName"), LONGEST_ID)
    if owner is None and site and actor and _personal_site(actor) in f"{site.lower()}/":
        owner = actor
    return {
        "owner": owner,
        "sitePath": site,
        "filePath": path,
        "url": url if url and url.lower().startswith(("https://", "http://")) else None,
    }


def _personal_site(address: str) -> str:
    """Return what the address of somebody's own site has in it: ``/personal/ana_example_org/``."""
    return f"/personal/{''.join(letter if letter.isalnum() else '_' for letter in address.lower())}/"


def _first_seen(sight: _Sight, tenant_id: int, now: int) -> _Document:
    time = sight.event.time
    inferred = {"scanVersion": 0, "modified": time, "statusTime": 0}
    return file_from({**sight.flat, **inferred}, tenant_id, now)


def _after(document: _Document, sight: _Sight) -> _Document:
    """Return a file after an event."""
    event = sight.event
    if document["scanVersion"] == 0:
        name = sight.flat["name"]
        if name and event.time >= (document["lastNrtTimestamp"] or 0) and event.category not in _RENAMES:
            document |= named(name, is_folder=document["isFolder"])
        for name in ("parentId", "sitePath", "filePath"):
            document[name] = document[name] or sight.flat[name]
        document["ownerAddress"] = document["ownerAddress"] or sight.flat["owner"]
        document["ownerName"] = document["ownerName"] or sight.flat["owner"]
        document["alternateLink"] = document["alternateLink"] or sight.flat["url"]
    if event.category in _WRITES:
        _write(document, sight)
    _exist(document, event)
    document["lastNrtTimestamp"] = max(event.time, document["lastNrtTimestamp"] or 0)
    return _share(document, event)


def _write(document: _Document, sight: _Sight) -> None:
    time = sight.event.time
    if sight.event.category in _UPLOADS and document["scanVersion"] == 0:
        document["createdDate"] = min(time, document["createdDate"] or time)
    if time >= document["modifiedDate"]:
        document |= {"modifiedDate": time, "timestamp": time, "snapshotLastModifiedDate": iso(time)}


def _exist(document: _Document, event: _Event) -> None:
    """Note whether the file is there, in the trash or gone, unless a newer event has said so."""
    if event.category in _DELETIONS:
        status = DELETED if any(word in event.operation for word in _FOR_GOOD) else TRASHED
    elif event.category in _WRITES or any(word in event.operation for word in _BACK):
        status = EXISTS
    else:
        return
    if event.time >= document["statusTime"]:
        document |= {"fileStatus": [status, STATES[status]], "fstat": status, "statusTime": event.time}


def _share(document: _Document, event: _Event) -> _Document:
    if event.category == _UNSHARE:
        return _unshare(document, event)
    link = _LINKS.get(event.category) or (WEB if "publishtoweb" in event.operation else None)
    if link is None and event.category not in _SHARES:
        return document
    level = LINK_LEVELS[link] if link else event.reach
    if link is None and not event.people and level is not None and level >= PUBLIC:
        link = ANYONE  # shared with nobody in particular
    added = () if link else event.people
    kept = [each for each in document["collaborators"] if each["id"] not in {name for name, _ in added}]
    new = [
        collaborator(name, kind, _level(name, document["ownerAddress"] or event.by, event.reach), event.time)
        for name, kind in added
    ]
    document["collaborators"] = [*kept, *new][:MOST_ITEMS]
    document["links"] = sorted({*document["links"], *([link] if link else [])})
    return with_sharing(document, max(document["facl"], _level_of(document), level or 0), _beside(document))


def _unshare(document: _Document, event: _Event) -> _Document:
    """Take away those that an event names, or the links if it names nobody."""
    names = {name for name, _ in event.people}
    before = document["collaborators"]
    gone = {each["id"] for each in before if each["id"] in names and event.time >= (each["at"] or 0)}
    explained = _level_of(document)
    document["collaborators"] = [each for each in before if each["id"] not in gone]
    if not names:
        document["links"] = []
    # A level that a scan gave without a reason does not go with a person.
    level = document["facl"] if names and document["facl"] > explained else _level_of(document)
    return with_sharing(document, level)


def _level_of(document: _Json) -> int:
    return max((reach(document["collaborators"]), *(LINK_LEVELS.get(each, 0) for each in document["links"])))


def _level(name: str, owner: str, given: int | None) -> int | None:
    """Return how far sharing with somebody reaches; where nothing says so, the domain of the owner does."""
    if given is not None or "@" not in name or "@" not in owner:
        return given
    return INTERNAL if name.rpartition("@")[2] == owner.lower().rpartition("@")[2] else EXTERNAL


def _beside(document: _Json) -> dict[str, list[str]] | None:
    """Return the sharing that a scan has named without collaborators."""
    if document["scanVersion"] == 0:
        return None
    return {name: document[name] for name in ("emails", "domains", "groups", "groupIds", "externalShares")}
