"""Turn a wire-format alert into its stored record: the columns and values that lists filter by (api §8.3, 8.4, 8.8)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from opencasb.activities.invalid import Invalid
from opencasb.filters.operands import object_id
from opencasb.model.id_forms import is_object_id
from opencasb.model.ip_block import address_forms
from opencasb.model.iso_time import LATEST, iso
from opencasb.store.records import Record

POLICY_MATCHES: Final = frozenset({15728641, 15728642})
"""Alert types raised by user-defined activity and file policies (0xF00001 and 0xF00002)."""

OWN_POLICIES: Final = frozenset({"AUDIT", "FILE", "NEW_SERVICE", "SESSION", "ACCESS", "INLINE", "APP_PERMISSION"})
"""The policy types that users can create; all other types are built in (portal §6.1)."""

MANY: Final = (
    "stories",
    "entities",
    "users",
    "ips",
    "ip_keys",
    "services",
    "instances",
    "policies",
    "files",
    "streams",
)
"""The multi-valued fields."""

_DEFAULTS: Final[dict[str, Any]] = {
    "title": "",
    "description": "",
    "isMarkdown": False,
    "entities": [],
    "statusValue": 0,
    "resolutionStatusValue": 0,
    "stories": [],
    "evidence": [],
    "intent": [],
    "isPreview": False,
    "isSystemAlert": False,
    "threatScoreReasoning": [],
    "comment": "",
    "handledByUser": None,
    "resolveTime": None,
}
_RANKS: Final = {3: 0, 0: 1, 1: 2, 2: 3}
"""Wire severity → rank by urgency."""

_MOST: Final = 2**53


def _number(below: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value < below


def _kind(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: type(value) in kinds


def _list_of(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(type(each) is kind for each in value)


_NONE: Final = type(None)
_RULES: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "_id": (lambda value: isinstance(value, str) and is_object_id(value), "an id of 24 lower-case hex digits"),
    "timestamp": (_number(LATEST + 1), "a time in ms since 1970"),
    "severityValue": (_number(4), "0, 1, 2 or 3: low, medium, high, informational"),
    "statusValue": (_number(3), "0, 1 or 2: unread, read, archived"),
    "resolutionStatusValue": (_number(6), "a number from 0 to 5"),
    "idValue": (lambda value: value is None or _number(_MOST)(value), "the number of an alert type"),
    "stories": (_list_of(int), "a list of risk categories"),
    "intent": (_list_of(int), "a list of numbers"),
    "entities": (_list_of(dict), "a list of objects"),
    "evidence": (_kind(list), "a list"),
    "audits": (lambda value: value is None or _list_of(str)(value), "a list of activity ids"),
    "threatScoreReasoning": (_kind(list), "a list"),
    "policy": (_kind(dict, _NONE), "an object"),
    "handledByUser": (_kind(str, _NONE), "text"),
    **dict.fromkeys(("title", "description", "comment"), (_kind(str), "text")),
    **dict.fromkeys(("isMarkdown", "isPreview", "isSystemAlert"), (_kind(bool), "true or false")),
}


def record(document: Mapping[str, Any]) -> Record:  # JSON
    """Validate an alert and return its stored record, with every key that clients expect and without ``URL``.

    ``URL`` depends on the server that is asked, so it is added to each response. Null counts as absent. An alert
    without ``contextId`` gets one derived from its id. ``_id``, ``timestamp`` and ``severityValue`` are required.
    Raises :class:`Invalid`.
    """
    whole = _DEFAULTS | {name: value for name, value in document.items() if value is not None and name != "URL"}
    for name, (fits, allowed) in _RULES.items():
        if not fits(whole.get(name)):
            raise Invalid(name, whole.get(name), f"{allowed} is expected")
    whole.setdefault("contextId", str(uuid.uuid5(uuid.NAMESPACE_OID, whole["_id"])))
    resolved_at = _resolved_at(whole["resolveTime"])
    whole["resolveTime"] = None if resolved_at is None else iso(resolved_at)
    columns = {
        "timestamp": whole["timestamp"],
        "severity": whole["severityValue"],
        "severity_rank": _RANKS[whole["severityValue"]],
        "status": whole["statusValue"],
        "resolution_status": whole["resolutionStatusValue"],
        "resolved_at": resolved_at,
        "alert_type": whole.get("idValue"),
        "is_built_in": _is_built_in(whole),
    }
    return Record(whole["_id"], columns, _values(whole), whole)


def _resolved_at(given: Any) -> int | None:  # any JSON
    """Return the time of closing in ms, or None. Raises :class:`Invalid`."""
    if given is None or given == "":
        return None
    try:
        moment = datetime.fromisoformat(given)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        time = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    except (TypeError, ValueError):
        time = -1
    if not 0 <= time <= LATEST:
        raise Invalid("resolveTime", given, "ISO 8601 text is expected")
    return time


def _is_built_in(alert: Mapping[str, Any]) -> bool:  # JSON
    """Return whether a built-in detection raised the alert, rather than a user-defined policy."""
    rules = [entity for entity in alert["entities"] if entity.get("type") == "policyRule"]
    types = {str(each.get("policyType")) for each in [*rules, alert.get("policy") or {}]}
    return alert.get("idValue") not in POLICY_MATCHES and types.isdisjoint(OWN_POLICIES)


def _values(alert: Mapping[str, Any]) -> dict[str, set[str]]:  # JSON
    found: dict[str, set[str]] = {name: set() for name in MANY}
    found["stories"] = {str(story) for story in alert["stories"]}
    policy = alert.get("policy") or {}
    entities = [*alert["entities"], {**policy, "type": "policyRule"}]
    for entity in entities:
        for name, value in _of_entity(entity):
            if isinstance(value, str | int) and value != "":
                found[name].add(str(value))
    return found


def _of_entity(entity: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:  # JSON
    """Yield (field, value) pairs for one entity; the caller drops values that are neither text nor numbers."""
    entity_id = entity.get("id")
    match entity.get("type"):
        case "account" | "user":
            yield from _of_person(entity)
        case "ip":
            yield from _of_address(str(entity_id))
        case "service":
            yield from _of_app(entity_id, entity.get("inst"))
        case "discovery_service":
            yield "services", entity_id
        case "discovery_stream":
            yield "streams", entity_id
        case "policyRule":
            yield "policies", object_id(str(entity_id or ""))
        case "file":
            yield "files", object_id(str(entity_id or ""))
            yield "files", object_id(str(entity_id or "").rpartition("|")[2])


def _of_address(text: str) -> Iterator[tuple[str, str]]:
    """Yield an address in its printed and comparable forms; anything else is yielded as text only."""
    printed, compared = address_forms(text) or (text.lower(), "")
    yield "ips", printed
    yield "ip_keys", compared


def _of_person(entity: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:  # JSON
    """Yield the values that find an account or user: its entity key, its names and its app.

    The entity key is ``id|instance|app`` in lower case; a missing instance means the first or only one (api §1.2).
    """
    app_id, instance = entity.get("saas"), entity.get("inst") or 0
    yield "entities", f"{entity.get('id')}|{instance}|{'' if app_id is None else app_id}".lower()
    names = ("id", "pa", "em") if entity.get("type") == "account" else ("id", "label")
    for name in names:
        yield "users", str(entity.get(name) or "").lower()
    if app_id is not None:
        yield from _of_app(app_id, instance)


def _of_app(app_id: Any, instance: Any) -> Iterator[tuple[str, Any]]:  # any JSON
    """Yield an app and its instance, separately and, for exact pairs, combined (api §6.7)."""
    yield "services", app_id
    yield "instances", app_id
    yield "instances", f"{app_id}|{instance or 0}"
    if instance:
        yield "instances", instance
