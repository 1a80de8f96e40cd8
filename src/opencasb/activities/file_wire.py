"""Turn delivered files into wire records (api §10.2).

A delivered file is a wire record or a flat one. These are the keys of a flat record and the equivalent wire keys:

=====================  ============================================================================================
``id``                 required: the file's id in the app
``appId``              required: number of the app (``saasId``), or its slug as ``app``
``instanceId``         instance of the app, 0 if missing (``instId``)
``name``               name with extension; ``id`` if missing
``extension``          without dot (``fileExtension``); taken from the name if missing
``mimeType``           derived from the extension if missing
``type``               ``other``, ``document``, ``spreadsheet``, ``presentation``, ``text``, ``image``, ``folder`` or 0
                       to 6 (``fileType``, ``ftype``); derived from the MIME type if missing
``isFolder``           whether it is a folder
``size``               in bytes (``fileSize``)
``owner``              e-mail address or name of the owner (``ownerAddress``); ``ownerName``, ``ownerId``,
                       ``ownerExternal`` and ``ownerOrgUnit`` give details
``sharing``            ``private``, ``internal``, ``external``, ``public``, ``public_internet`` or 0 to 4
                       (``fileAccessLevel``, ``facl``); derived from the collaborators if missing
``collaborators``      addresses, or objects with ``id``, ``name``, ``email``, ``type`` (1 user, 2 group), ``role``
                       and ``accessLevel`` (1 internal, 2 external; derived from own domains if missing)
``status``             ``exists``, ``trashed``, ``deleted`` or 0 to 2 (``fileStatus``, ``fstat``)
``created``            ms or ISO 8601 (``createdDate``)
``modified``           ms or ISO 8601 (``modifiedDate``); ``created`` or now if missing
``parentId``           id of the parent folder
``url``                link to the file in the app (``alternateLink``)
``path``               path in the site (``filePath``)
``labels``             ids of labels (``fTags``); ``scanLabels`` warnings of a content scan, ``policies`` ids of matches
``quarantined``        whether it is in quarantine (``isQuarantined``)
=====================  ============================================================================================

``_id`` is derived from tenant, app, instance and id. A different ``_id`` in the record becomes ``originalId``, which
also finds the file. Other known wire keys are kept; unknown keys are dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from opencasb.activities.connected_apps import by_number, by_slug, slugs, unlisted
from opencasb.activities.file_sharing import (
    EXTERNAL,
    GROUP,
    INTERNAL,
    LEVELS,
    PUBLIC,
    PUBLIC_INTERNET,
    USER,
    collaborator,
    level_of,
    reach,
    with_sharing,
)
from opencasb.activities.file_types import FOLDER, LABELS, extension_of, file_type, mime_type
from opencasb.activities.given import LONGEST_URL, MOST_ITEMS, Given
from opencasb.activities.invalid import Invalid
from opencasb.activities.key_case import apart
from opencasb.activities.names import address_in
from opencasb.activities.own_domains import is_external
from opencasb.model.derived_id import derived_id, folded_id
from opencasb.model.iso_time import iso

EXISTS, TRASHED, DELETED = range(3)
STATES: Final = ("EXISTS", "TRASHED", "DELETED")
LONGEST_ID: Final = 500
LONGEST_NAME: Final = 400

_TYPES: Final = {name.lower(): number for number, name in enumerate(LABELS)}
_LEVELS: Final = {name.lower(): number for number, name in enumerate(LEVELS)}
_STATES: Final = {name.lower(): number for number, name in enumerate(STATES)}
_TEXTS: Final = ("driveId", "siteCollectionId", "listId", "spDomain")
_PLACES: Final = ("sitePath", "siteCollection")
_LISTS: Final = ("parentIds", "effectiveParents", "dlpScanResults", "actions")

_Json = Mapping[str, Any]


def file_id(tenant_id: int, app_id: int, inst: int, source_id: str) -> str:
    """Return the record id of a file."""
    return derived_id(tenant_id, "file", app_id, inst, folded_id(source_id))


def file_from(record: _Json, tenant_id: int, now: int, domains: Collection[str] = ()) -> dict[str, Any]:  # any JSON
    """Return a delivered file as a complete wire record. Raises :class:`Invalid`.

    ``domains`` are the tenant's own; they decide whether the address of the owner or a collaborator is external if the
    record does not say.
    """
    given = Given(record)
    name, app_id = _required(given)
    inst = given.number("instanceId", "instId", "inst") or 0
    record_id = file_id(tenant_id, app_id, inst, name)
    app = by_number(app_id) or unlisted(app_id, given.label("appName") or "")
    collaborators = [_collaborator(each, domains) for each in given.all_items("collaborators")]
    made = {
        "_id": record_id,
        "_tid": tenant_id,
        "appId": app_id,
        "saasId": _first(given.number("saasId"), app_id),
        "instId": inst,
        "appName": app.name,
        "id": name,
        "originalId": _original_id(given, record_id),
        "parentId": given.text("parentId", "parentFolder", longest=LONGEST_ID),
        **{each: given.text(each) for each in _TEXTS},
        **{each: given.text(each, longest=LONGEST_URL) for each in _PLACES},
        **{each: apart(given.items(each)) for each in _LISTS},
        **_what(given, name),
        **_when(given, now),
        **_owner(given, domains),
        "filePath": given.text("filePath", "path", longest=LONGEST_URL),
        "alternateLink": given.text("alternateLink", "url", longest=LONGEST_URL),
        "sharepointItem": apart(given.structure("sharepointItem")),
        "isForeign": given.flag("isForeign") or False,
        "noGovernance": given.flag("noGovernance") or False,
        "enriched": given.flag("enriched") or False,
        "scanVersion": _first(given.number("scanVersion"), 1),
        "unseenScans": given.number("unseenScans") or 0,
        "collaborators": collaborators,
        "fTags": apart(given.items("fTags", "labels")),
        "scanLabels": given.texts("scanLabels"),
        "policies": given.texts("policies"),
        "isQuarantined": given.flag("isQuarantined", "quarantined") or False,
        "links": given.texts("links"),
        **_history(given),
    }
    level = given.code("sharing", "fileAccessLevel", "facl", words=_LEVELS)
    shared = with_sharing(made, reach(collaborators) if level is None else level, _flattened(given))
    return {**shared, **{each: shared[each][:MOST_ITEMS] for each in ("collaborators", "display_collaborators")}}


def _original_id(given: Given, record_id: str) -> str:
    # Clients of another installation know the file by its ``_id`` there, not by any earlier ``originalId``.
    elsewhere = given.text("_id", longest=LONGEST_ID)
    known = given.text("originalId", longest=LONGEST_ID)
    return (known if elsewhere == record_id else elsewhere or known) or record_id


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
    is_folder: bool | None,
) -> dict[str, Any]:  # JSON
    """Return the keys derived from a file's name, unless better values are given."""
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
    name = given.label("name", longest=LONGEST_URL) or source_id
    extension = given.text("fileExtension", "extension", longest=100)
    keys = named(
        name if name == source_id else name[:LONGEST_NAME],
        extension=extension_of(name) if extension is None else extension,
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


def _history(given: Given) -> dict[str, dict[str, int]]:
    """Return an exported file's event times (ms), so that later activities continue from there."""
    found = {name: given.record.get(name) for name in ("told", "ended")}
    return {
        name: {key: at for key, at in times.items() if type(at) is int}
        for name, times in found.items()
        if isinstance(times, Mapping)
    }


def _owner(given: Given, domains: Collection[str]) -> dict[str, Any]:  # JSON
    address = given.text("ownerAddress", "owner", longest=LONGEST_ID)
    external = given.flag("ownerExternal")
    return {
        "ownerName": given.label("ownerName", longest=LONGEST_NAME) or address,
        "ownerAddress": address,
        "ownerExternal": is_external(address, domains) if external is None else external,
        "ownerId": given.text("ownerId", longest=LONGEST_ID),
        "ownerOrgUnit": given.label("ownerOrgUnit"),
    }


def _collaborator(value: Any, domains: Collection[str]) -> dict[str, Any]:  # any JSON
    given = Given(value if isinstance(value, Mapping) else {"id": value})
    name = given.text("id", "name", "email", longest=LONGEST_ID)
    if name is None:
        raise Invalid("collaborators", value, "addresses, or objects with an id are expected")
    kind = GROUP if str(given.record.get("type")).lower() in {"2", "group"} else USER
    level = given.record.get("accessLevel")  # upstream's values are unknown, so others count as none
    level = level if level in (INTERNAL, EXTERNAL, PUBLIC, PUBLIC_INTERNET) else None
    shown = given.label("name", "email", longest=LONGEST_NAME) or name
    texts = (given.text("email", longest=LONGEST_ID) or "", name, shown)
    email = next((text for text in texts if "@" in text), None)
    if level is None and kind == USER:
        level = level_of(is_external(email or shown, domains))
    if email and "#" in email:  # a guest, whose mark has told
        email = address_in(email)
    role = given.number("role") if type(given.record.get("role")) is int else given.label("role")
    said = {"name": shown, "email": email, "role": "" if role is None else role}
    return {**collaborator(name, kind, level, given.time("at")), **said}


def _flattened(given: Given) -> dict[str, list[str]]:
    return {name: given.texts(name) for name in ("emails", "domains", "groups", "groupIds", "externalShares")}


def _first(*numbers: int | None) -> int:
    return next((number for number in numbers if number is not None), 0)
