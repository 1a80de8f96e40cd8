"""Files as they are delivered → wire records (api §10.2) → records with their columns (api §10.4).

A delivered file is a wire record or a flat one. Keys of a flat one, and the wire keys that mean the same:

=====================  ============================================================================================
``id``                 required: what the app calls the file
``appId``              required: number of the app (``saasId``), or its slug as ``app``
``instanceId``         instance of the app, 0 if missing (``instId``)
``name``               name with extension; ``id`` if missing
``extension``          without dot (``fileExtension``); out of the name if missing
``mimeType``           out of the extension if missing
``type``               ``other``, ``document``, ``spreadsheet``, ``presentation``, ``text``, ``image``, ``folder`` or 0
                       to 6 (``fileType``, ``ftype``); out of the MIME type if missing
``isFolder``           whether it is a folder
``size``               in bytes (``fileSize``)
``owner``              e-mail address or name of the owner (``ownerAddress``); ``ownerName``, ``ownerId``,
                       ``ownerExternal`` and ``ownerOrgUnit`` say more
``sharing``            ``private``, ``internal``, ``external``, ``public``, ``public_internet`` or 0 to 4
                       (``fileAccessLevel``, ``facl``); as far as the collaborators reach if missing
``collaborators``      addresses, or objects with ``id``, ``name``, ``type`` (1 user, 2 group), ``role`` and
                       ``accessLevel`` (1 internal, 2 external)
``status``             ``exists``, ``trashed``, ``deleted`` or 0 to 2 (``fileStatus``, ``fstat``)
``created``            ms or ISO 8601 (``createdDate``)
``modified``           ms or ISO 8601 (``modifiedDate``); ``created`` or now if missing
``parentId``           id of the folder that it is in
``url``                where the app shows it (``alternateLink``)
``path``               path in the site (``filePath``)
``labels``             ids of labels (``fTags``); ``scanLabels`` warnings of a content scan, ``policies`` ids of matches
``quarantined``        whether it is in quarantine (``isQuarantined``)
=====================  ============================================================================================

``_id`` follows from tenant, app, instance and id. A ``_id`` in the record becomes ``originalId``, under which the file
is found as well. Of the other wire keys those known are kept, all others left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from opencasb.activities.connected_apps import by_number, by_slug, slugs, unlisted
from opencasb.activities.file_types import FOLDER, LABELS, extension_of, file_type, mime_type
from opencasb.activities.given import MOST_ITEMS, Given
from opencasb.activities.invalid import Invalid
from opencasb.filters import values
from opencasb.filters.operands import object_id
from opencasb.filters.words import words_of
from opencasb.model.derived_id import derived_id, folded_id
from opencasb.model.iso_time import iso
from opencasb.store.entities import entity_key
from opencasb.store.records import Record

PRIVATE, INTERNAL, EXTERNAL, PUBLIC, PUBLIC_INTERNET = range(5)
LEVELS: Final = ("PRIVATE", "INTERNAL", "EXTERNAL", "PUBLIC", "PUBLIC_INTERNET")
EXISTS, TRASHED, DELETED = range(3)
STATES: Final = ("EXISTS", "TRASHED", "DELETED")
USER, GROUP = 1, 2
"""Types of collaborators."""

LONGEST_ID: Final = 500
LONGEST_NAME: Final = 400

_TYPES: Final = {name.lower(): number for number, name in enumerate(LABELS)}
_LEVELS: Final = {name.lower(): number for number, name in enumerate(LEVELS)}
_STATES: Final = {name.lower(): number for number, name in enumerate(STATES)}
_TEXTS: Final = (
    "driveId",
    "filePath",
    "sitePath",
    "siteCollection",
    "siteCollectionId",
    "listId",
    "spDomain",
)
_LISTS: Final = ("parentIds", "effectiveParents", "dlpScanResults", "actions")

_Json = Mapping[str, Any]


def file_id(tenant_id: int, app_id: int, inst: int, source_id: str) -> str:
    """Return the record id of a file."""
    return derived_id(tenant_id, "file", app_id, inst, folded_id(source_id))


def file_from(record: _Json, tenant_id: int, now: int) -> dict[str, Any]:  # any JSON
    """Return a delivered file as a complete wire record. Raises :class:`Invalid`."""
    given = Given(record)
    name, app_id = _required(given)
    inst = given.number("instanceId", "instId", "inst") or 0
    record_id = file_id(tenant_id, app_id, inst, name)
    app = by_number(app_id) or unlisted(app_id, given.text("appName") or "")
    collaborators = [_collaborator(each) for each in given.items("collaborators")]
    made = {
        "_id": record_id,
        "_tid": tenant_id,
        "appId": app_id,
        "saasId": app.saas_id,
        "instId": inst,
        "appName": app.name,
        "id": name,
        "originalId": given.text("originalId", "_id", longest=LONGEST_ID) or record_id,
        "parentId": given.text("parentId", "parentFolder", longest=LONGEST_ID),
        **{each: given.text(each) for each in _TEXTS},
        **{each: given.items(each) for each in _LISTS},
        **_what(given, name),
        **_when(given, now),
        **_owner(given),
        "filePath": given.text("filePath", "path"),
        "alternateLink": given.text("alternateLink", "url"),
        "sharepointItem": given.structure("sharepointItem"),
        "isForeign": given.flag("isForeign") or False,
        "noGovernance": given.flag("noGovernance") or False,
        "enriched": given.flag("enriched") or False,
        "scanVersion": _first(given.number("scanVersion"), 1),
        "unseenScans": given.number("unseenScans") or 0,
        "collaborators": collaborators,
        "fTags": given.items("fTags", "labels"),
        "scanLabels": given.texts("scanLabels"),
        "policies": given.texts("policies"),
        "isQuarantined": given.flag("isQuarantined", "quarantined") or False,
        "links": given.texts("links"),
    }
    level = given.code("sharing", "fileAccessLevel", "facl", words=_LEVELS)
    return with_sharing(made, reach(collaborators) if level is None else level, _flattened(given))


def with_sharing(
    document: dict[str, Any], level: int, more: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:  # JSON
    """Return a file with a sharing level, and with what follows from its collaborators in the other sharing keys.

    ``more`` are values that stand in those keys beside.
    """
    people = [each for each in document["collaborators"] if each["type"] != GROUP]
    groups = [each for each in document["collaborators"] if each["type"] == GROUP]
    emails = [text.lower() for each in people for text in (each["id"], each["name"]) if "@" in text]
    given = more or {}
    return {
        **document,
        "fileAccessLevel": [level, LEVELS[level]],
        "facl": level,
        "emails": _joined(emails, given.get("emails")),
        "domains": _joined((text.rpartition("@")[2] for text in emails), given.get("domains")),
        "groups": _joined((each["name"] for each in groups), given.get("groups")),
        "groupIds": _joined((each["id"] for each in groups), given.get("groupIds")),
        "externalShares": _joined(
            (each["name"] for each in people if each["accessLevel"] == EXTERNAL), given.get("externalShares")
        ),
        "display_collaborators": [
            {"label": each["name"], "type": each["type"], "id": each["id"], "allowRemoveCollaborator": False}
            for each in document["collaborators"]
        ],
    }


def reach(collaborators: Iterable[_Json]) -> int:
    """Return how far a file is shared by its collaborators; nobody knows how far groups and the others reach."""
    levels = [each["accessLevel"] for each in collaborators]
    return max((INTERNAL if level is None else level for level in levels), default=PRIVATE)


def record(document: _Json) -> Record:
    """Return the record of a complete wire record."""
    inst, saas = document["instId"], document["saasId"]
    owner = document["ownerId"] or document["ownerAddress"]
    columns = {
        "modified": document["modifiedDate"],
        "created": document["createdDate"],
        "snapshot_modified": values.time(document["snapshotLastModifiedDate"]),
        "app_id": document["appId"],
        "instance_id": inst,
        "file_type": document["ftype"],
        "access_level": document["facl"],
        "file_status": document["fstat"],
        "name": document["name_l"],
        "extension": document["fileExtension"] or None,
        "mime_type": (document["mimeType"] or "").lower() or None,
        "is_folder": document["isFolder"],
        "is_quarantined": document["isQuarantined"],
        "owner_entity": entity_key(owner, saas, inst) if owner else None,
        "owner_name": (document["ownerAddress"] or document["ownerName"] or "").lower() or None,
        "owner_org_unit": (document["ownerOrgUnit"] or "").lower() or None,
        "parent_id": object_id(document["parentId"]) if document["parentId"] else None,
    }
    people = {
        text for each in document["collaborators"] for text in (each["id"], each["name"]) if each["type"] != GROUP
    }
    people |= {text for text in document["emails"] if isinstance(text, str)}
    many = {
        "ids": {object_id(document[name]) for name in ("_id", "id", "originalId")},
        "name_words": set(words_of(document["name"])),
        "collaborator_entities": {entity_key(text, saas, inst) for text in people},
        "collaborator_users": {text.lower() for text in people},
        "domains": {text.lower() for text in document["domains"]},
        "groups": {object_id(text) for text in (*document["groups"], *document["groupIds"])},
        "labels": {object_id(text) for text in _ids(document["fTags"])},
        "scan_labels": set(document["scanLabels"]),
        "policies": {object_id(text) for text in document["policies"]},
    }
    return Record(document["_id"], columns, many, document)


def _required(given: Given) -> tuple[str, int]:
    name = given.text("id", longest=LONGEST_ID)
    if name is None:
        raise Invalid("id", None, f"text of at most {LONGEST_ID} characters is expected")
    number, slug = given.number("appId", "saasId"), given.text("app")
    if number is None:
        app = None if slug is None else by_slug(slug.lower())
        if app is None:
            allowed = f"the number of an app is expected, or in app one of {', '.join(slugs())}"
            raise Invalid("app" if slug else "appId", slug, allowed)
        number = app.app_id
    return name, number


def named(
    name: str,
    *,
    extension: str | None = None,
    mime: str | None = None,
    kind: int | None = None,
    is_folder: bool | None = None,
) -> dict[str, Any]:  # JSON
    """Return the keys that follow from the name of a file, as far as nothing better is known."""
    extension = extension_of(name) if extension is None else extension.removeprefix(".")
    mime = mime or mime_type(extension)
    kind = kind if kind is not None else FOLDER if is_folder else file_type(mime)
    return {
        "name": name,
        "name_l": name.lower(),
        "fileExtension": extension,
        "mimeType": mime,
        "fileType": [kind, LABELS[kind]],
        "ftype": kind,
        "isFolder": kind == FOLDER if is_folder is None else is_folder,
    }


def _what(given: Given, source_id: str) -> dict[str, Any]:  # JSON
    status = given.code("fileStatus", "fstat", "status", words=_STATES) or EXISTS
    keys = named(
        given.text("name", longest=LONGEST_NAME) or source_id,
        extension=given.text("fileExtension", "extension", longest=100),
        mime=given.text("mimeType"),
        kind=given.code("fileType", "ftype", "type", words=_TYPES),
        is_folder=given.flag("isFolder"),
    )
    return {
        **keys,
        "fileSize": given.number("fileSize", "size"),
        "fileStatus": [status, STATES[status]],
        "fstat": status,
    }


def _when(given: Given, now: int) -> dict[str, Any]:  # JSON
    created, snapshot = given.time("createdDate", "created"), given.time("snapshotLastModifiedDate")
    modified = _first(given.time("modifiedDate", "modified"), created, now)
    snapshot = modified if snapshot is None else snapshot
    return {
        "createdDate": created,
        "modifiedDate": modified,
        "timestamp": modified,
        "snapshotLastModifiedDate": iso(snapshot),
        "lastNrtTimestamp": given.time("lastNrtTimestamp"),
        "statusTime": _first(given.time("statusTime"), now),
    }


def _owner(given: Given) -> dict[str, Any]:  # JSON
    address = given.text("ownerAddress", "owner", longest=LONGEST_ID)
    return {
        "ownerName": given.text("ownerName", longest=LONGEST_NAME) or address,
        "ownerAddress": address,
        "ownerExternal": given.flag("ownerExternal"),
        "ownerId": given.text("ownerId", longest=LONGEST_ID),
        "ownerOrgUnit": given.text("ownerOrgUnit"),
    }


def collaborator(name: str, kind: int, level: int | None, at: int | None) -> dict[str, Any]:  # JSON
    """Return a collaborator; ``level`` is how far sharing with it reaches, ``at`` (ms) when it was shared."""
    return {"id": name, "name": name, "role": "", "accessLevel": level, "type": kind, "at": at}


def _collaborator(value: Any) -> dict[str, Any]:  # any JSON
    given = Given(value if isinstance(value, Mapping) else {"id": value})
    name = given.text("id", "name", "email", longest=LONGEST_ID)
    if name is None:
        raise Invalid("collaborators", value, "addresses, or objects with an id are expected")
    kind = GROUP if str(given.record.get("type")).lower() in {"2", "group"} else USER
    level = given.record.get("accessLevel")  # what upstream has here is not known, so anything else is no level
    level = level if level in (INTERNAL, EXTERNAL, PUBLIC, PUBLIC_INTERNET) else None
    shown = given.text("name", "email", longest=LONGEST_NAME) or name
    return {**collaborator(name, kind, level, given.time("at")), "name": shown, "role": given.text("role") or ""}


def _flattened(given: Given) -> dict[str, list[str]]:
    return {name: given.texts(name) for name in ("emails", "domains", "groups", "groupIds", "externalShares")}


def _joined(found: Iterable[str], given: Iterable[str] | None) -> list[str]:
    return list(dict.fromkeys((*found, *(given or ()))))[:MOST_ITEMS]


def _ids(labels: Iterable[Any]) -> set[str]:  # any JSON
    """Return the ids of labels, which are texts or objects."""
    found = (each.get("id", each.get("_id")) if isinstance(each, Mapping) else each for each in labels)
    return {each for each in found if isinstance(each, str)}


def _first(*numbers: int | None) -> int:
    return next((number for number in numbers if number is not None), 0)
