"""Entities as they are delivered → wire records (api §9.2) → records with their columns (api §9.3).

A delivered entity is a wire record or a flat one. Keys of a flat one, and the wire keys that mean the same:

=====================  ============================================================================================
``id``                 required: what the app calls the account; also out of ``username`` or ``ii``
``appId``              required: number of the app (``service``), or its slug as ``app``; an account of a part of
                       Microsoft 365 is one of the whole, and the part one of its ``apps``; not so with ``saas``
``instanceId``         instance of the app, 0 if missing (``inst``, ``instId``)
``type``               ``account`` (1, the default) or ``user`` (2, a person)
``idType``             ``user`` (1, the default) or ``application`` (17)
``displayName``        (``name``, ``dn``)
``email``              (``mail``, ``em``, ``pa``); if missing, an ``id`` with an @
``aliases``            more addresses of the same account (``identifiers``)
``status``             ``active`` (2), ``suspended`` (3), ``deleted`` (4), ``staged`` (1); 0 if missing
``isAdmin``, ``role``  whether it has an administrative role in the app, and which
``isExternal``         (``affiliation``, ``ext``); null if nobody knows
``organization``       organizational unit (``orgUnit``)
``groups``             group ids, or objects with ``id`` and ``name`` (``userGroups``)
``apps``               numbers of more apps that the account uses (``subApps``)
``lastSeen``           ms or ISO 8601
``score``              investigation priority (``threatScore``)
``sctime``             when it was so, in ms or ISO 8601 (``scanned``); now if missing
``sid``                security identifier
=====================  ============================================================================================

``_id`` follows from tenant and entity and is never taken from the record, so that one entity is one record whoever
delivers it. Unknown keys are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from opencasb.activities.connected_apps import by_number, by_slug, slugs, unlisted
from opencasb.activities.given import MOST_ITEMS, Given
from opencasb.activities.invalid import Invalid
from opencasb.filters import values
from opencasb.model.derived_id import derived_id, folded_id
from opencasb.model.iso_time import iso
from opencasb.store.entities import ACCOUNT, USER, entity_key
from opencasb.store.records import Record
from opencasb.store.user_groups import APPLICATIONS, BUILT_IN, EXTERNAL_USERS, group_id

PERSON: Final = 1
APPLICATION: Final = 17
"""Types of the id of an entity."""

UNKNOWN_STATUS, STAGED, ACTIVE, SUSPENDED, DELETED = range(5)

LONGEST_ID: Final = 400
LONGEST_NAME: Final = 256

_TYPES: Final = {"account": ACCOUNT, "user": USER}
_ID_TYPES: Final = {"user": PERSON, "application": APPLICATION}
_STATUSES: Final = {"n/a": 0, "staged": 1, "active": 2, "suspended": 3, "deleted": 4}
_GUEST_MARKS: Final = ("#ext#", "urn:spo:guest")

_Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Key:
    """What an entity is known by: its id in an instance of an app."""

    id: str
    saas: int
    inst: int

    @property
    def text(self) -> str:
        """The key as filters compare it."""
        return entity_key(self.id, self.saas, self.inst)

    @property
    def ii(self) -> str:
        """The key as ``ii`` has it."""
        return f"{self.saas}|{self.inst}|{self.id}"

    @property
    def username(self) -> str:
        """The key as ``username`` has it: JSON text, whose base64 is the address of the entity."""
        return json.dumps({"id": self.id, "saas": self.saas, "inst": self.inst})


def account_id(tenant_id: int, key: Key) -> str:
    """Return the record id of an account."""
    return derived_id(tenant_id, "account", key.saas, key.inst, folded_id(key.id))


def person_id(tenant_id: int, email: str) -> str:
    """Return the record id of the person with an e-mail address."""
    return derived_id(tenant_id, "person", email.lower())


def entities_from(record: _Json, tenant_id: int, now: int) -> dict[str, Any]:  # any JSON
    """Return a delivered entity as a complete wire record. Raises :class:`Invalid`."""
    given = Given(record)
    key = _key(given)
    email = _email(given, key)
    kind = given.code("type", "entityType", words=_TYPES) or ACCOUNT
    id_type = given.code("idType", words=_ID_TYPES) or PERSON
    is_external = _is_external(given, key)
    last_seen = given.time("lastSeen")
    scanned = given.time("sctime", "scanned")
    is_fake = given.flag("isFake") or False
    scanned = now if scanned is None and not is_fake else scanned
    made = {
        "_id": _record_id(tenant_id, kind, key, email),
        "type": kind,
        "status": given.code("status", "s", words=_STATUSES) or UNKNOWN_STATUS,
        "displayName": given.text("displayName", "name", "dn", longest=LONGEST_NAME) or email or key.id,
        "id": key.id,
        "ii": key.ii,
        "username": key.username,
        "email": email,
        "domain": given.text("domain") or (email or "").rpartition("@")[2],
        "organization": given.text("organization", "orgUnit"),
        "role": given.text("role"),
        "isAdmin": given.flag("isAdmin") or False,
        "isExternal": is_external,
        "isFake": is_fake,
        "lastSeen": None if last_seen is None else iso(last_seen),
        "timestamp": next((time for time in (last_seen, scanned) if time is not None), now),
        "sid": given.text("sid"),
        "identifiers": [each.lower() for each in given.texts("aliases", "identifiers")],
        "userGroups": _groups(given, tenant_id, key.saas, is_external=is_external, id_type=id_type),
        "appData": {"appId": key.saas, "name": _app_name(given, key), "saas": key.saas, "instance": key.inst},
        "subApps": _apps(given, key),
        "idType": id_type,
        "threatScore": given.number("threatScore", "score"),
        "scoreTrends": given.structure("scoreTrends"),
        "threatScoreHistory": given.items("threatScoreHistory"),
        "sctime": scanned,
        "actions": given.items("actions"),
        "accounts": [],
        "parentId": None,
        "statusTime": scanned,
    }
    made["accounts"] = (
        [_account(each, tenant_id, made, now) for each in given.items("accounts")] if kind == USER else []
    )
    return made


def account_item(account: _Json, parent: _Json | None) -> dict[str, Any]:  # JSON
    """Return an account as it stands in the ``accounts`` of a user; ``p`` names the user."""
    app = account["appData"]
    return {
        "_id": account["_id"],
        "i": account["id"],
        "ii": account["ii"],
        "inst": app["instance"],
        "saas": app["saas"],
        "t": ACCOUNT,
        "dn": account["displayName"],
        "ext": account["isExternal"],
        "s": account["status"],
        "aliases": account["identifiers"],
        "isFake": account["isFake"],
        "pa": account["email"],
        "em": account["email"],
        "sublst": account["subApps"],
        "p": None if parent is None else parent["ii"],
        "appData": {"appId": app["appId"], "name": app["name"]},
        "actions": account["actions"],
        "isAdmin": account["isAdmin"],
        "lastSeen": account["lastSeen"],
        "userGroups": account["userGroups"],
    }


def record(document: _Json) -> Record:
    """Return the record of a complete wire record."""
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
        "user_groups": {text for group in document["userGroups"] for text in (group["_id"], group["id"])},
        "apps": {str(number) for number in apps},
    }
    return Record(document["_id"], columns, many, document)


def last_seen(document: _Json) -> int | None:
    """Return when an entity was last seen, in ms."""
    return None if document["lastSeen"] is None else values.time(document["lastSeen"])


def own_keys(document: _Json) -> set[str]:
    """Return what an entity is found by: its id and its addresses, in its instance of its app."""
    app = document["appData"]
    return _keys((document["id"], document["email"], *document["identifiers"]), app["saas"], app["instance"])


def item_keys(item: _Json) -> set[str]:
    """Return the same of one of the ``accounts`` of a user."""
    return _keys((item["i"], item["em"], *item["aliases"]), item["saas"], item["inst"])


def _keys(names: Iterable[str | None], saas: int, inst: int) -> set[str]:
    return {entity_key(name, saas, inst) for name in names if name}


def _key(given: Given) -> Key:
    app = Given(given.structure("appData") or {})
    parts = _packed(given)
    name = Given(parts).text("id", longest=LONGEST_ID) or given.text("id", "i", longest=LONGEST_ID)
    name = name or given.text("email", "mail", longest=LONGEST_ID)
    saas = _first(Given(parts).number("saas"), given.number("saas", "saasId"), app.number("saas"), _parent(given))
    inst = _first(Given(parts).number("inst"), given.number("instanceId", "inst", "instId"), app.number("instance"))
    if name is None:
        raise Invalid("id", None, f"text of at most {LONGEST_ID} characters is expected")
    if saas is None:
        raise Invalid("appId", None, "the number of an app is expected")
    return Key(folded_id(name), saas, inst or 0)


def _seen_app(given: Given) -> int | None:
    """Return the number of the app that a flat record names."""
    number, slug = given.number("appId", "service"), given.text("app")
    if number is not None or slug is None:
        return number
    app = by_slug(slug.lower())
    if app is None:
        raise Invalid("app", slug, f"allowed are {', '.join(slugs())}; any app can be given by its number as appId")
    return app.app_id


def _parent(given: Given) -> int | None:
    number = _seen_app(given)
    app = None if number is None else by_number(number)
    return number if app is None else app.saas_id


def _packed(given: Given) -> _Json:
    """Return id, saas and inst out of ``username`` or ``ii``, where one of them is there."""
    _, username = given.value("username")
    if isinstance(username, str):
        try:
            found = json.loads(username)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, Mapping):
            return found
    _, ii = given.value("ii")
    parts = ii.split("|", 2) if isinstance(ii, str) else []
    return dict(zip(("saas", "inst", "id"), parts, strict=True)) if len(parts) == 3 else {}


def _first(*numbers: int | None) -> int | None:
    return next((number for number in numbers if number is not None), None)


def _email(given: Given, key: Key) -> str | None:
    name, value = given.value("email", "mail", "em", "pa")
    found = given.text("email", "mail", "em", "pa", longest=LONGEST_ID)
    if found is None:
        return key.id.lower() if "@" in key.id else None
    if "@" not in found:
        raise Invalid(name, value, "an e-mail address is expected")
    return found.lower()


def _record_id(tenant_id: int, kind: int, key: Key, email: str | None) -> str:
    if kind == ACCOUNT:
        return account_id(tenant_id, key)
    return person_id(tenant_id, email or key.ii)


def _is_external(given: Given, key: Key) -> bool | None:
    found = given.flag("isExternal", "affiliation", "ext")
    return True if found is None and any(mark in key.id.lower() for mark in _GUEST_MARKS) else found


def _groups(
    given: Given, tenant_id: int, app_id: int, *, is_external: bool | None, id_type: int
) -> list[dict[str, Any]]:  # JSON
    automatic = [EXTERNAL_USERS] if is_external else []
    automatic += [APPLICATIONS] if id_type == APPLICATION else []
    found = [_group(each, tenant_id, app_id) for each in (*given.items("userGroups", "groups"), *automatic)]
    return list({group["_id"]: group for group in found}.values())


def built_in_group(group: str) -> dict[str, Any]:  # JSON
    """Return a built-in group as entities show it."""
    name, description = BUILT_IN[group]
    return {"_id": group, "id": group, "name": name, "description": description, "usersCount": None}


def _group(value: Any, tenant_id: int, app_id: int) -> dict[str, Any]:  # any JSON
    """Return a group as entities show it. How many it has is a matter of the group, so ``usersCount`` is null here."""
    given = Given(value if isinstance(value, Mapping) else {"id": value})
    source = given.text("id", "_id", longest=LONGEST_ID)
    if source is None:
        raise Invalid("groups", value, "ids of groups, or objects with id and name are expected")
    if source in BUILT_IN:
        return built_in_group(source)
    app = _first(given.number("appId"), app_id) or 0
    return {
        "_id": group_id(tenant_id, app, source),
        "id": source,
        "name": given.text("name", longest=LONGEST_NAME) or source,
        "description": given.text("description") or "",
        "usersCount": None,
        "appId": app,
    }


def _app_name(given: Given, key: Key) -> str:
    app = Given(given.structure("appData") or {})
    known = by_number(key.saas)
    return app.text("name") or (known.name if known else given.text("appName") or unlisted(key.saas, "").name)


def _apps(given: Given, key: Key) -> list[int]:
    """Return the numbers of the other apps that an account uses; they may stand in objects."""
    seen = _seen_app(given)
    found = set() if seen is None else {seen}
    for each in (*given.items("subApps", "apps"), *given.items("sublst")):
        number = Given(each if isinstance(each, Mapping) else {"appId": each}).number("appId", "saas")
        if number is not None:
            found.add(number)
    return sorted(found - {key.saas})


def _account(item: Any, tenant_id: int, parent: _Json, now: int) -> dict[str, Any]:  # any JSON
    if not isinstance(item, Mapping):
        raise Invalid("accounts", item, f"a list of at most {MOST_ITEMS} objects is expected")
    # Its ``ii`` names the user's app where the account is in a part of it, so it says less than the other keys.
    flat = {name: value for name, value in item.items() if name not in {"ii", "username", "accounts"}}
    return account_item(entities_from({**flat, "type": ACCOUNT}, tenant_id, now), parent)


def _folded(text: str | None) -> str | None:
    return text.lower() if text else None
