"""Turn a wire-format activity (api §7.4) into its stored record: the document and the columns to filter by (api §7.5).

Missing keys and values of the wrong type count as absent. Only the fields that every activity needs raise an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from opencasb.activities.connected_apps import suite_of
from opencasb.activities.names import address_in
from opencasb.activities.wire_parts import listed, number, object_at, text_at
from opencasb.filters.errors import shown
from opencasb.filters.operands import object_id
from opencasb.model.ip_block import address_forms
from opencasb.store.activities import LONGEST_SEARCHED
from opencasb.store.records import Record

MOST_VALUES: Final = 500
"""Maximum number of values per multi-valued field: a file shared with more people is found by the first ones only."""

LONGEST_ID: Final = 200

FILE: Final = 1
"""``objType`` of files, folders, sites and other structured objects; ``serviceObjectType`` tells them apart."""

_ACTOR_ROLES: Final = frozenset({2, 4})
_RELATED: Final = 5
"""The role in which exports list the accounts of the actor; it may be that of others, too."""

_FILE_WORDS: Final = ("file", "folder", "document", "item", "bucket")
_BOLD: Final = re.compile("</?b>", re.IGNORECASE)
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)

_LONGEST_ADDRESS: Final = 45

_Json = Mapping[str, Any]
_Actor = tuple[str, int, int]
"""Id, instance and app."""


def to_record(document: _Json) -> Record:
    """Return the stored record of a complete activity.

    Raises ``ValueError`` if ``_id`` is malformed, or if ``timestamp``, ``created`` or ``appId`` is not a whole number.
    """
    record_id, parts = _record_id(document), _Parts(document)
    return Record(record_id, _columns(document, parts), _values(document, parts), document)


def is_actor(given: _Json, document: _Json) -> bool:
    """Return whether one of an activity's event objects is its actor, or an account of its actor."""
    role = number(given.get("role"))
    if role != _RELATED:
        return role in _ACTOR_ROLES
    return _folded(given.get("id")) in {name.lower() for name, *_ in _actors(document)}


class _Parts:
    """The parts of an activity that several fields are read from, extracted once.

    A single pass with inlined lookups takes 32 µs per activity; one path lookup per field took 64 µs.
    """

    __slots__ = ("actors", "addresses", "agent", "device", "location", "main", "objects", "user")

    def __init__(self, document: _Json) -> None:
        self.main = object_at(document, "mainInfo")
        self.user = object_at(document, "user")
        self.device = object_at(document, "device")
        self.agent = object_at(document, "userAgent")
        self.location = object_at(document, "location")
        self.objects = [each for each in listed(self.main.get("eventObjects")) if isinstance(each, dict)]
        others = listed(object_at(document, "internals").get("otherIPs"))
        self.actors = _actors(document)
        self.addresses = list(dict.fromkeys(_texts([self.device.get("clientIP"), *others])))


def _record_id(document: _Json) -> str:
    given = document.get("_id")
    if not isinstance(given, str) or not 1 <= len(given) <= LONGEST_ID or not given.isprintable():
        raise ValueError(f"_id: {shown(given)} is not valid; allowed: 1 to {LONGEST_ID} printable characters")
    return given


def _columns(document: _Json, parts: _Parts) -> dict[str, Any]:  # column values of several types
    app_id = _required(document, "appId")
    event_type, operation = _text(document.get("eventTypeValue")), _text(parts.main.get("rawOperationName"))
    user = _folded(parts.user.get("userName"))
    stream = _ids([document["streamId"]]) if "streamId" in document else []
    return {
        "timestamp": _required(document, "timestamp"),
        "created": _required(document, "created"),
        "app_id": app_id,
        "saas_id": suite_of(app_id, number(document.get("saasId"))),
        "instance_id": parts.actors[0][1] if parts.actors else 0,
        "event_type": _text(document.get("eventTypeName")),
        "event_action_type": event_type,
        "action_type": operation,
        "full_action_type": f"{app_id}:{event_type}:{operation}" if event_type and operation else None,
        "is_admin": object_at(document, "eventRouting").get("adminEvent") is True,
        "is_impersonated": _is_impersonated(document),
        "taken_action": _text(document.get("takenAction")),
        "device_type": text_at(parts.agent, "deviceType").strip().upper() or None,
        "user_agent": _folded(parts.device.get("userAgent")),
        "country": _folded(parts.location.get("countryCode")),
        "isp": _folded(parts.location.get("organizationSearchable")),
        "ip_category": number(parts.location.get("category")) or 0,
        "source": number(document.get("source")),
        "stream_id": stream[0] if stream else None,
        "user_name": user,
        "user_domain": _domain(user),
        "org_unit": _folded(parts.user.get("orgUnit")),
        "search_text": _search_text(document, parts),
    }


def _values(document: _Json, parts: _Parts) -> dict[str, Collection[str]]:
    addresses = [found for text in parts.addresses if (found := _address(text)) is not None]
    files = [each for each in parts.objects if _is_file(each)]
    passive = [each["tags"] for each in parts.objects if each.get("tags") and not is_actor(each, document)]
    mentioned = _mentioned(parts.objects)
    made: dict[str, list[str]] = {
        "ips": [printed for printed, _ in addresses],
        "ip_keys": [key for _, key in addresses],
        "ip_tags": _ids(parts.location.get("ipTags")),
        "device_tags": _ids(parts.device.get("tags")),
        "user_agent_tags": _ids(parts.agent.get("tags")),
        "user_tags": _ids(parts.user.get("userTags")),
        "object_tags": [tag for tags in passive for tag in _ids(tags)],
        "entities": [f"{name}|{inst}|{saas}".lower() for name, inst, saas in parts.actors],
        "objects": _ids([each.get("id") for each in parts.objects]),
        "files": _ids([each.get("id") for each in files]),
        "file_labels": [label for each in files for label in _ids(each.get("labels"))],
        "urls": [text for text in mentioned if text.startswith(("http://", "https://"))],
        "alerts": _ids([object_at(document, "adallom").get("alertMongoId")]) if "adallom" in document else [],
        "policies": [],
        "azure_subscriptions": [each for text in mentioned if "/" in text for each in _SUBSCRIPTION.findall(text)],
    }
    return {name: _bounded(each) if each else () for name, each in made.items()}  # lists would burden the collector


def _bounded(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))[:MOST_VALUES] if len(values) > 1 else values


def _search_text(document: _Json, parts: _Parts) -> str:
    """Return the text that the ``text`` filter searches, in lower case with one line per field (api §6.5)."""
    entities = object_at(document, "entityData")
    found = [
        _description(document),
        parts.user.get("userName"),
        *(object_at(entities, key).get("displayName") for key in ("0", "1", "2")),
        object_at(document, "resolvedActor").get("name"),
        document.get("appName"),
        *parts.addresses,
        *(parts.location.get(name) for name in ("city", "countryCode", "organizationSearchable")),
        parts.device.get("userAgent"),
    ]
    for each in parts.objects:
        found += each.get("name"), each.get("id")
    lines = [" ".join(each.split()) for each in dict.fromkeys(_texts(found))]
    return "\n".join(dict.fromkeys(lines))[:LONGEST_SEARCHED].lower()


def _domain(user: str | None) -> str | None:
    """Return the domain of a user's address; a guest's is the guest's own (connectors §3.2)."""
    address = address_in(user) if user and "@" in user else None
    return address.rpartition("@")[2] or None if address else None


def _is_impersonated(document: _Json) -> bool:
    """Return whether the actor impersonates somebody, judging by the end of the description or the event category."""
    description = _description(document).rstrip(" .").lower()
    return description.endswith("(impersonated)") or "IMPERSONATE" in (_text(document.get("eventTypeName")) or "")


def _description(document: _Json) -> str:
    """Return the description without bold tags."""
    found = _text(document.get("description")) or ""
    return _BOLD.sub("", found) if "<" in found else found


def _actors(document: _Json) -> list[_Actor]:
    """Return every identity of the actor: the account, the user and what they were resolved to."""
    named = document.get("entityData")
    entities = named.values() if isinstance(named, dict) else listed(named)
    keys = [(each.get("id"), "inst", "saas") for each in entities if type(each) is dict]
    keys += [(document.get(name), "instanceId", "saasId") for name in ("resolvedActor", "resolvedActorAccount")]
    found = []
    for key, instance, app in keys:
        if type(key) is not dict:
            continue
        for text in _texts([key.get("id")]):
            saas = number(key.get(app))
            saas = _required(document, "appId") if saas is None else saas
            found.append((text, number(key.get(instance)) or 0, saas))
    return found


def _address(text: str) -> tuple[str, str] | None:
    """Return an address in its printed and comparable forms."""
    bare = text.partition("%")[0]
    return _known_address(bare) if len(bare) <= _LONGEST_ADDRESS else None


_known_address: Final = lru_cache(maxsize=10_000)(address_forms)


def _is_file(given: _Json) -> bool:
    if number(given.get("objType")) != FILE:
        return False
    kind = _folded(given.get("serviceObjectType"))
    return kind is None or any(word in kind for word in _FILE_WORDS)


def _mentioned(objects: Iterable[_Json]) -> list[str]:
    """Return the texts of the event objects in lower case."""
    given = [each.get(name) for each in objects for name in ("id", "name", "value")]
    return [text.lower() for text in _texts(given)]


def _required(document: _Json, name: str) -> int:
    found = number(document.get(name))
    if found is None:
        raise ValueError(f"{name}: {shown(document.get(name))} is not valid; a whole number is expected")
    return found


def _text(value: Any) -> str | None:  # any JSON
    return value.strip() or None if type(value) is str else None


def _folded(value: Any) -> str | None:  # any JSON
    return value.strip().lower() or None if type(value) is str else None


def _texts(value: Any) -> list[str]:  # any JSON
    """Return the non-blank texts of a list; numbers are converted to text."""
    if type(value) is not list:
        return []
    found = []
    for each in value:
        if type(each) is str:
            if stripped := each.strip():
                found.append(stripped)
        elif each is not None and number(each) is not None:
            found.append(str(each))
    return found


def _ids(value: Any) -> list[str]:  # any JSON
    """Return a list of ids in the form that filters compare."""
    return [object_id(each) for each in _texts(value)] if value else []
