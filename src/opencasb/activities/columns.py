"""A wire activity (api §7.4) → the record that is stored: what filters compare (api §7.5), and the document itself.

Keys that are absent or of a wrong type are values that are not there. Only what no activity can be without is an error.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

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

_LARGEST: Final = 2**63 - 1
_FILE_WORDS: Final = ("file", "folder", "document", "item", "bucket")
_BOLD: Final = re.compile("</?b>", re.IGNORECASE)
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)

_Json = Mapping[str, Any]


def to_record(document: _Json) -> Record:
    """Return the record of a complete activity.

    Raises ``ValueError`` for an ``_id`` that cannot be one, and for ``timestamp``, ``created`` or ``appId`` that is no
    whole number.
    """
    objects = [each for each in _list(_at(document, "mainInfo", "eventObjects")) if isinstance(each, Mapping)]
    return Record(_record_id(document), _columns(document), _values(document, objects), document)


def _record_id(document: _Json) -> str:
    given = document.get("_id")
    if not isinstance(given, str) or not 1 <= len(given) <= LONGEST_ID or not given.isprintable():
        raise ValueError(f"_id: {shown(given)} is not valid; allowed are 1 to {LONGEST_ID} printable characters")
    return given


def _columns(document: _Json) -> dict[str, Any]:  # column values of several types
    app_id = _required(document, "appId")
    event_type, operation = _text(document.get("eventTypeValue")), _text(_at(document, "mainInfo", "rawOperationName"))
    user = _folded(_at(document, "user", "userName"))
    saas_id = _number(document.get("saasId"))
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
        "is_admin": _at(document, "eventRouting", "adminEvent") is True,
        "is_impersonated": _is_impersonated(document),
        "taken_action": _text(document.get("takenAction")),
        "device_type": _upper(_at(document, "userAgent", "deviceType")),
        "user_agent": _folded(_at(document, "device", "userAgent")),
        "country": _folded(_at(document, "location", "countryCode")),
        "isp": _folded(_at(document, "location", "organizationSearchable")),
        "ip_category": _number(_at(document, "location", "category")) or 0,
        "source": _number(document.get("source")),
        "stream_id": next(iter(_ids([document.get("streamId")])), None),
        "user_name": user,
        "user_domain": user.rpartition("@")[2] or None if user and "@" in user else None,
        "org_unit": _folded(_at(document, "user", "orgUnit")),
        "search_text": search_text(document),
    }


def _values(document: _Json, objects: Sequence[_Json]) -> dict[str, list[str]]:
    addresses = [number for text in _addresses(document) if (number := ip_number(text)) is not None]
    files = [each for each in objects if _is_file(each)]
    passive = [each for each in objects if _number(each.get("role")) not in ACTOR_ROLES]
    found: dict[str, Iterable[str]] = {
        "ips": map(_printed, addresses),
        "ip_keys": (f"{number:032x}" for number in addresses),
        "ip_tags": _ids(_at(document, "location", "ipTags")),
        "device_tags": _ids(_at(document, "device", "tags")),
        "user_agent_tags": _ids(_at(document, "userAgent", "tags")),
        "user_tags": _ids(_at(document, "user", "userTags")),
        "object_tags": (tag for each in passive for tag in _ids(each.get("tags"))),
        "entities": (f"{name}|{inst}|{saas}".lower() for name, inst, saas in _actors(document)),
        "objects": _ids([each.get("id") for each in objects]),
        "files": _ids([each.get("id") for each in files]),
        "file_labels": (label for each in files for label in _ids(each.get("labels"))),
        "urls": (text.lower() for text in _mentioned(objects) if text.lower().startswith(("http://", "https://"))),
        "alerts": _ids([_at(document, "adallom", "alertMongoId")]),
        "policies": (),
        "azure_subscriptions": (each.lower() for text in _mentioned(objects) for each in _SUBSCRIPTION.findall(text)),
    }
    return {name: list(dict.fromkeys(values))[:MOST_VALUES] for name, values in found.items()}


def search_text(document: _Json) -> str:
    """Return the text that the filter ``text`` looks through, in lower case: a line for each field (api §6.5)."""
    location, objects = document.get("location"), _list(_at(document, "mainInfo", "eventObjects"))
    actors = (_at(document, "entityData", key) for key in ("0", "1", "2"))
    parts = [
        _BOLD.sub("", _text(document.get("description")) or ""),
        _at(document, "user", "userName"),
        *(_at(actor, "displayName") for actor in actors),
        _at(document, "resolvedActor", "name"),
        document.get("appName"),
        *_addresses(document),
        *(_at(location, name) for name in ("city", "countryCode", "organizationSearchable")),
        _at(document, "device", "userAgent"),
        *(_at(each, name) for each in objects for name in ("name", "id")),
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
    entities = named.values() if isinstance(named, Mapping) else _list(named)
    keys = [(_at(entity, "id"), ("id", "inst", "saas")) for entity in entities]
    keys += [(document.get(name), ("id", "instanceId", "saasId")) for name in ("resolvedActor", "resolvedActorAccount")]
    for key, (name, instance, app) in keys:
        for text in _texts([_at(key, name)]):
            found = _number(_at(key, app))
            yield text, _number(_at(key, instance)) or 0, _required(document, "appId") if found is None else found


def _addresses(document: _Json) -> list[str]:
    return _texts([_at(document, "device", "clientIP"), *_list(_at(document, "internals", "otherIPs"))])


def _printed(number: int) -> str:
    address = ipaddress.IPv6Address(number)
    return str(address.ipv4_mapped or address)


def _is_file(given: _Json) -> bool:
    if _number(given.get("objType")) != FILE:
        return False
    kind = _folded(given.get("serviceObjectType"))
    return kind is None or any(word in kind for word in _FILE_WORDS)


def _mentioned(objects: Iterable[_Json]) -> Iterator[str]:
    """Yield the texts of event objects."""
    for each in objects:
        yield from _texts([each.get(name) for name in ("id", "name", "value")])


def _at(value: Any, *path: str) -> Any:  # any JSON
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _list(value: Any) -> list[Any]:  # any JSON
    return value if isinstance(value, list) else []


def _required(document: _Json, name: str) -> int:
    found = _number(document.get(name))
    if found is None:
        raise ValueError(f"{name}: {shown(document.get(name))} is not valid; a whole number is expected")
    return found


def _number(value: Any) -> int | None:  # any JSON
    """Return a whole number of 64 bits, also from text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST else None


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
    given = (str(each) if _number(each) is not None else each for each in _list(value))
    return [found for each in given if (found := _text(each))]


def _ids(value: Any) -> list[str]:  # any JSON
    """Return the texts of a list of ids as filters compare them."""
    return [object_id(each) for each in _texts(value)]
