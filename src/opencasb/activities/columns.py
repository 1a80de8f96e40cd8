"""A wire activity (api §7.4) → the record that is stored: what filters compare (api §7.5), and the document itself.

Keys that are absent or of a wrong type are values that are not there. Only what no activity can be without is an error.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from opencasb.activities.wire_parts import at, listed, number
from opencasb.filters.errors import shown
from opencasb.filters.operands import object_id
from opencasb.model.ip_block import ip_number
from opencasb.store.activities import LONGEST_SEARCHED
from opencasb.store.records import Record

MOST_VALUES: Final = 500
"""Of a many-valued field: a file shared with more people is found by the first of them only."""

LONGEST_ID: Final = 200

FILE: Final = 1
"""``objType`` of files, folders, sites and other structured objects; ``serviceObjectType`` tells them apart."""

ACTOR_ROLES: Final = frozenset({2, 4})

_FILE_WORDS: Final = ("file", "folder", "document", "item", "bucket")
_BOLD: Final = re.compile("</?b>", re.IGNORECASE)
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)

_Json = Mapping[str, Any]


def to_record(document: _Json) -> Record:
    """Return the record of a complete activity.

    Raises ``ValueError`` for an ``_id`` that cannot be one, and for ``timestamp``, ``created`` or ``appId`` that is no
    whole number.
    """
    objects = [each for each in listed(at(document, "mainInfo", "eventObjects")) if isinstance(each, Mapping)]
    return Record(_record_id(document), _columns(document), _values(document, objects), document)


def _record_id(document: _Json) -> str:
    given = document.get("_id")
    if not isinstance(given, str) or not 1 <= len(given) <= LONGEST_ID or not given.isprintable():
        raise ValueError(f"_id: {shown(given)} is not valid; allowed are 1 to {LONGEST_ID} printable characters")
    return given


def _columns(document: _Json) -> dict[str, Any]:  # column values of several types
    app_id = _required(document, "appId")
    event_type, operation = _text(document.get("eventTypeValue")), _text(at(document, "mainInfo", "rawOperationName"))
    user = _folded(at(document, "user", "userName"))
    saas_id = number(document.get("saasId"))
    return {
        "timestamp": _required(document, "timestamp"),
        "created": _required(document, "created"),
        "app_id": app_id,
        "saas_id": app_id if saas_id is None else saas_id,
        "instance_id": next((inst for _, inst, _ in _actors(document)), 0),
        "event_type": _text(document.get("eventTypeName")),
        "event_action_type": event_type,
        "action_type": operation,
        "full_action_type": f"{app_id}:{event_type}:{operation}" if event_type and operation else None,
        "is_admin": at(document, "eventRouting", "adminEvent") is True,
        "is_impersonated": _is_impersonated(document),
        "taken_action": _text(document.get("takenAction")),
        "device_type": _upper(at(document, "userAgent", "deviceType")),
        "user_agent": _folded(at(document, "device", "userAgent")),
        "country": _folded(at(document, "location", "countryCode")),
        "isp": _folded(at(document, "location", "organizationSearchable")),
        "ip_category": number(at(document, "location", "category")) or 0,
        "source": number(document.get("source")),
        "stream_id": next(iter(_ids([document.get("streamId")])), None),
        "user_name": user,
        "user_domain": user.rpartition("@")[2] or None if user and "@" in user else None,
        "org_unit": _folded(at(document, "user", "orgUnit")),
        "search_text": search_text(document),
    }


def _values(document: _Json, objects: Sequence[_Json]) -> dict[str, list[str]]:
    addresses = [address for text in _addresses(document) if (address := ip_number(text)) is not None]
    files = [each for each in objects if _is_file(each)]
    passive = [each for each in objects if number(each.get("role")) not in ACTOR_ROLES]
    found: dict[str, Iterable[str]] = {
        "ips": map(_printed, addresses),
        "ip_keys": (f"{address:032x}" for address in addresses),
        "ip_tags": _ids(at(document, "location", "ipTags")),
        "device_tags": _ids(at(document, "device", "tags")),
        "user_agent_tags": _ids(at(document, "userAgent", "tags")),
        "user_tags": _ids(at(document, "user", "userTags")),
        "object_tags": (tag for each in passive for tag in _ids(each.get("tags"))),
        "entities": (f"{name}|{inst}|{saas}".lower() for name, inst, saas in _actors(document)),
        "objects": _ids([each.get("id") for each in objects]),
        "files": _ids([each.get("id") for each in files]),
        "file_labels": (label for each in files for label in _ids(each.get("labels"))),
        "urls": (text.lower() for text in _mentioned(objects) if text.lower().startswith(("http://", "https://"))),
        "alerts": _ids([at(document, "adallom", "alertMongoId")]),
        "policies": (),
        "azure_subscriptions": (each.lower() for text in _mentioned(objects) for each in _SUBSCRIPTION.findall(text)),
    }
    return {name: list(dict.fromkeys(values))[:MOST_VALUES] for name, values in found.items()}


def search_text(document: _Json) -> str:
    """Return the text that the filter ``text`` looks through, in lower case: a line for each field (api §6.5)."""
    location, objects = document.get("location"), listed(at(document, "mainInfo", "eventObjects"))
    actors = (at(document, "entityData", key) for key in ("0", "1", "2"))
    parts = [
        _BOLD.sub("", _text(document.get("description")) or ""),
        at(document, "user", "userName"),
        *(at(actor, "displayName") for actor in actors),
        at(document, "resolvedActor", "name"),
        document.get("appName"),
        *_addresses(document),
        *(at(location, name) for name in ("city", "countryCode", "organizationSearchable")),
        at(document, "device", "userAgent"),
        *(at(each, name) for each in objects for name in ("name", "id")),
    ]
    lines = (" ".join(each.split()) for each in _texts(parts))
    return "\n".join(dict.fromkeys(lines))[:LONGEST_SEARCHED].lower()


def _is_impersonated(document: _Json) -> bool:
    """Tell whether the actor acts as somebody else: said by the end of the description, or by the kind of event."""
    description = _BOLD.sub("", _text(document.get("description")) or "").rstrip(" .").lower()
    return description.endswith("(impersonated)") or "IMPERSONATE" in (_text(document.get("eventTypeName")) or "")


def _actors(document: _Json) -> Iterator[tuple[str, int, int]]:
    """Yield id, instance and app of everybody who did it: the account, the user and what they were resolved to."""
    named = document.get("entityData")
    entities = named.values() if isinstance(named, Mapping) else listed(named)
    keys = [(at(entity, "id"), ("id", "inst", "saas")) for entity in entities]
    keys += [(document.get(name), ("id", "instanceId", "saasId")) for name in ("resolvedActor", "resolvedActorAccount")]
    for key, (name, instance, app) in keys:
        for text in _texts([at(key, name)]):
            found = number(at(key, app))
            yield text, number(at(key, instance)) or 0, _required(document, "appId") if found is None else found


def _addresses(document: _Json) -> list[str]:
    return _texts([at(document, "device", "clientIP"), *listed(at(document, "internals", "otherIPs"))])


def _printed(given: int) -> str:
    address = ipaddress.IPv6Address(given)
    return str(address.ipv4_mapped or address)


def _is_file(given: _Json) -> bool:
    if number(given.get("objType")) != FILE:
        return False
    kind = _folded(given.get("serviceObjectType"))
    return kind is None or any(word in kind for word in _FILE_WORDS)


def _mentioned(objects: Iterable[_Json]) -> Iterator[str]:
    """Yield the texts of event objects."""
    for each in objects:
        yield from _texts([each.get(name) for name in ("id", "name", "value")])


def _required(document: _Json, name: str) -> int:
    found = number(document.get(name))
    if found is None:
        raise ValueError(f"{name}: {shown(document.get(name))} is not valid; a whole number is expected")
    return found


def _text(value: Any) -> str | None:  # any JSON
    return value.strip() or None if isinstance(value, str) else None


def _folded(value: Any) -> str | None:  # any JSON
    found = _text(value)
    return found.lower() if found else None


def _upper(value: Any) -> str | None:  # any JSON
    found = _text(value)
    return found.upper() if found else None


def _texts(value: Any) -> list[str]:  # any JSON
    """Return the texts of a list that are not blank; numbers become their digits."""
    found = []
    for each in listed(value):
        given = each if isinstance(each, str) else "" if number(each) is None else str(each)
        if stripped := given.strip():
            found.append(stripped)
    return found


def _ids(value: Any) -> list[str]:  # any JSON
    """Return the texts of a list of ids as filters compare them."""
    return [object_id(each) for each in _texts(value)]
