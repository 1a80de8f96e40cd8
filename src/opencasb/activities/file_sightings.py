"""Extract what activities say about files (connectors §8): which files, what happened, and who shares them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from opencasb.activities.categories import PREFIX
from opencasb.activities.columns import is_actor
from opencasb.activities.file_sharing import EXTERNAL, GROUP, INTERNAL, PUBLIC, USER
from opencasb.activities.file_wire import LONGEST_ID, LONGEST_NAME, file_id
from opencasb.activities.given import LONGEST_URL
from opencasb.activities.names import read_name
from opencasb.activities.personal_sites import folder_in, folder_of
from opencasb.activities.sharing_links import link_of_group
from opencasb.activities.wire_parts import MOST_OBJECTS, PEOPLE, at, kind, listed, number, text
from opencasb.model.iso_time import LATEST

FILE_KINDS: Final = frozenset({"file", "folder", "bucket", "document"})
FOLDER_KINDS: Final = frozenset({"folder", "bucket"})
"""Object kinds (``serviceObjectType``) that are files, and the subset that contains other files."""

_REACHES: Final = {"internal": INTERNAL, "external": EXTERNAL, "public": PUBLIC}
_COLLABORATORS: Final = {"user": USER, "account": USER, "emailaddress": USER, "group": GROUP}

_CHANGES_OF_PLACE: Final = frozenset(
    PREFIX + name for name in ("RENAME_FILE", "RENAME_FOLDER", "MOVE_FILE", "MOVE_FOLDER")
)
_TRANSFER: Final = f"{PREFIX}TRANSFER_OWNERSHIP"
"""The app's record then names the earlier owner as the owner."""

_WITH_PARAMETERS: Final = frozenset({"parameters", "events"})

_Json = Mapping[str, Any]


class FileEvent(msgspec.Struct, frozen=True):
    """What one activity says about a file; ``by`` is the user name of the actor.

    ``people`` are those it names, with their collaborator type and whether they are marked as guests. ``link`` is the
    link whose group it names.
    """

    time: int
    category: str
    operation: str
    reach: int | None
    people: tuple[tuple[str, int, bool], ...]
    by: str
    link: str | None = None


class FileSighting(msgspec.Struct, frozen=True):
    """A file as shown by one activity; ``flat`` holds the keys of a delivered file.

    ``sure`` names the keys known to describe the state after a rename or move; the other keys may describe the state
    before.
    """

    record_id: str
    flat: dict[str, Any]
    event: FileEvent
    sure: frozenset[str] = frozenset()


def file_sightings(activities: Iterable[_Json], tenant_id: int) -> list[FileSighting]:
    """Return the files shown by wire-format activities, sorted by event time."""
    found = [each for activity in activities for each in _of_activity(activity, tenant_id)]
    return sorted(found, key=lambda each: (each.event.time, each.event.category, each.event.operation))


def _of_activity(activity: _Json, tenant_id: int) -> Iterator[FileSighting]:
    main = activity.get("mainInfo")
    objects = [each for each in listed(at(main, "eventObjects")) if isinstance(each, Mapping)]
    files = [each for each in objects if kind(each) in FILE_KINDS]
    if not files:
        return
    time, app_id = number(activity.get("timestamp")), number(activity.get("appId"))
    failed = at(main, "activityResult", "isSuccess") is False
    if time is None or app_id is None or time > LATEST or failed:
        return
    event, place, after = _event(activity, time, objects), _place(activity), _after(activity)
    folder = _container(files)
    if event.category == _TRANSFER:
        place["owner"] = None
        after["owner"] = _new_owner(activity.get("rawDataJson"), event)
    site = place["sitePath"]
    parent_id = None if folder is None else _source_id(folder, folder, site)
    for each in files[:MOST_OBJECTS]:
        name, source_id = text(each.get("name"), LONGEST_NAME), _source_id(each, folder, site)
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
            "parentId": None if folder is each else parent_id,
            **place,
            **({"url": None} if folder is each else after),
        }
        shown = msgspec.structs.replace(event, category="", operation="") if folder is each else event
        sure = frozenset[str]() if folder is each else frozenset(after)
        yield FileSighting(file_id(tenant_id, app_id, inst, source_id), flat, shown, sure)


def _container(files: Sequence[_Json]) -> _Json | None:
    """Return the folder that is named only because the others are in it, or None."""
    folders = [each for each in files if kind(each) in FOLDER_KINDS]
    if len(folders) == len(files):
        return folders[1] if len(folders) == 2 else None
    return folders[0] if folders else None


def _source_id(file: _Json, folder: _Json | None, site: str | None) -> str | None:
    """Return the id of a file, or if the app gives none its path, prefixed with site and bucket where known."""
    found, name = text(file.get("id"), LONGEST_ID), text(file.get("name"), LONGEST_NAME)
    if found or not name:
        return found
    bucket = None if folder is None or folder is file else text(folder.get("name"), LONGEST_NAME)
    path = f"{bucket}/{name}" if bucket else name
    return (f"{site.rstrip('/')}|{path}" if site else path)[:LONGEST_ID]


def _event(activity: _Json, time: int, objects: Sequence[_Json]) -> FileEvent:
    sharing = at(activity, "collected", "normalised", "sharing")
    people = list(_people(activity, objects))
    links = [link for name, sort, _ in people if sort == GROUP and (link := link_of_group(name))]
    return FileEvent(
        time=time,
        category=str(activity.get("eventTypeName")),
        operation=str(at(activity, "mainInfo", "rawOperationName")).lower(),
        reach=_REACHES.get(sharing) if isinstance(sharing, str) else None,
        people=tuple(each for each in people if each[1] != GROUP or link_of_group(each[0]) is None),
        by=text(at(activity, "user", "userName"), LONGEST_ID) or "",
        link=next(iter(links), None),
    )


def _people(activity: _Json, objects: Sequence[_Json]) -> Iterator[tuple[str, int, bool]]:
    """Yield name and collaborator type of those whom objects name, and whether they are marked as guests."""
    for each in objects[:MOST_OBJECTS]:
        sort = _collaborator_type(each)
        if sort is None or is_actor(each, activity):
            continue
        name = _called(each, sort)
        if name:
            read = read_name(name)
            yield read.user or name, sort, read.is_external


def _collaborator_type(given: _Json) -> int | None:
    """Return the collaborator type of an object; an export may state no kind for people."""
    sort = kind(given)
    if sort is None:
        return USER if number(given.get("objType")) in PEOPLE else None
    return _COLLABORATORS.get(sort)


def _called(given: _Json, sort: int) -> str | None:
    """Return the name by which a collaborator is known: a user's address, else what the app shows, else the id."""
    name, source_id = (text(given.get(part), LONGEST_ID) for part in ("name", "id"))
    if sort == USER and source_id and "@" in source_id and "@" not in (name or ""):
        return source_id
    return name or source_id


def _place(activity: _Json) -> dict[str, Any]:  # JSON
    """Return the location and owner of a file, as far as the app's record states them."""
    raw = activity.get("rawDataJson")
    owner = text(at(raw, "owner"), LONGEST_ID) or _parameter_owner(raw, "owner")
    site, url = text(at(raw, "SiteUrl"), LONGEST_URL), text(at(raw, "ObjectId"), LONGEST_URL)
    path, file_name = text(at(raw, "SourceRelativeUrl"), LONGEST_URL), at(raw, "SourceFileName")
    if path and isinstance(file_name, str) and file_name:  # sharing events append it to the path
        path = path.removesuffix(f"/{file_name}")
    actor = text(at(activity, "user", "userName"), LONGEST_ID)
    if owner is None and site and actor and folder_in(site) == folder_of(actor):
        owner = actor
    return {
        "owner": owner,
        "sitePath": site,
        "filePath": path,
        "url": url if url and url.lower().startswith(("https://", "http://")) else None,
    }


def _after(activity: _Json) -> dict[str, Any]:  # JSON
    """Return the new name and path after a rename or move, if the app's record states them."""
    if str(activity.get("eventTypeName")) not in _CHANGES_OF_PLACE:
        return {}
    raw = activity.get("rawDataJson")
    name, path = at(raw, "DestinationFileName"), at(raw, "DestinationRelativeUrl")
    found = {"name": text(name, LONGEST_NAME), "filePath": text(path, LONGEST_URL)}
    return {key: value for key, value in found.items() if value}


def _new_owner(raw: Any, event: FileEvent) -> str | None:  # any JSON
    """Return who a file is handed over to, as Google logs it, or the only user whom the event names, or None."""
    named = [name for name, sort, _ in event.people if sort == USER]
    return _parameter_owner(raw, "new_owner") or (named[0] if len(named) == 1 else None)


def _parameter_owner(raw: Any, key: str) -> str | None:  # any JSON
    """Return the sole owner named in the parameters of a record or its events, as Google logs it, or None."""
    if not isinstance(raw, dict) or _WITH_PARAMETERS.isdisjoint(raw):
        return None
    events = (at(each, "parameters") for each in listed(at(raw, "events"))[:MOST_OBJECTS])
    owners = {owner for each in (at(raw, "parameters"), *events) for owner in _owners(each, key)}
    return owners.pop() if len(owners) == 1 else None


def _owners(parameters: Any, key: str) -> Iterator[str]:  # any JSON
    """Yield the owners from parameters, which are an object or a list of objects with name and value."""
    pairs = ((at(each, "name"), at(each, "value")) for each in listed(parameters)[:MOST_OBJECTS])
    for name, value in (*pairs, (key, at(parameters, key))):
        owner = text(value, LONGEST_ID) if name == key else None
        if owner and "@" in owner:
            yield owner
