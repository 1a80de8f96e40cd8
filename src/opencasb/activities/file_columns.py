"""Turn wire records of files (api §10.2) into stored records with their columns (api §10.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opencasb.activities.connected_apps import by_number
from opencasb.activities.file_sharing import GROUP
from opencasb.filters import values
from opencasb.filters.operands import object_id
from opencasb.filters.words import words_of
from opencasb.store.entities import entity_key
from opencasb.store.records import Record

_Json = Mapping[str, Any]


def record(document: _Json) -> Record:
    """Return the stored record of a complete wire record."""
    inst, app = document["instId"], by_number(document["appId"])
    saas = document["saasId"] if app is None else app.saas_id  # accounts belong to the whole suite
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


def _ids(labels: Iterable[Any]) -> set[str]:  # any JSON
    """Return the ids of labels, each of which is text or an object."""
    found = (each.get("id", each.get("_id")) if isinstance(each, Mapping) else each for each in labels)
    return {each for each in found if isinstance(each, str)}
