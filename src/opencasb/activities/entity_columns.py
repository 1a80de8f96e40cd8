"""Turn wire records of entities (api §9.2) into stored records with their columns (api §9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opencasb.activities.entity_keys import item_keys, own_keys
from opencasb.filters import values
from opencasb.filters.operands import object_id
from opencasb.store.records import Record

_Json = Mapping[str, Any]


def record(document: _Json) -> Record:
    """Return the stored record of a complete wire record."""
    app = document["appData"]
    own = own_keys(document)
    accounts = {key for item in document["accounts"] for key in item_keys(item)}
    columns = {
        "last_seen": last_seen(document),
        "entity_type": document["type"],
        "saas_id": app["saas"],
        "instance_id": app["instance"],
        "is_admin": document["isAdmin"],
        "is_external": document["isExternal"],
        "domain": _folded(document["domain"]),
        "organization": _folded(document["organization"]),
        "status": document["status"],
        "display_name": _folded(document["displayName"]),
        "user_name": (document["email"] or document["id"]).lower(),
        "score": document["threatScore"],
        "parent_id": document["parentId"],
    }
    apps = {app["saas"], *document["subApps"]}
    apps.update(number for item in document["accounts"] for number in (item["saas"], *item["sublst"]))
    many = {
        "own_entities": own,
        "entities": own | accounts,
        "user_groups": {object_id(text) for group in document["userGroups"] for text in (group["_id"], group["id"])},
        "apps": {str(number) for number in apps},
    }
    return Record(document["_id"], columns, many, document)


def last_seen(document: _Json) -> int | None:
    """Return when an entity was last seen, in ms, or None."""
    return None if document["lastSeen"] is None else values.time(document["lastSeen"])


def _folded(text: str | None) -> str | None:
    return text.lower() if text else None
