"""Turn delivered entities into wire records (api §9.2).

A delivered entity is a wire record or a flat one. These are the keys of a flat record and the equivalent wire keys:

=====================  ============================================================================================
``id``                 required: the account's id in the app; also taken from ``username`` or ``ii``
``appId``              required: number of the app (``service``), or its slug as ``app``; an account of a part of
                       Microsoft 365 belongs to the whole, with the part among its ``apps``; not so with ``saas``
``instanceId``         instance of the app, 0 if missing (``inst``, ``instId``)
``type``               ``account`` (1, the default) or ``user`` (2, a person)
``idType``             ``user`` (1, the default) or ``application`` (17)
``displayName``        (``name``, ``dn``)
``email``              (``mail``, ``em``, ``pa``); if missing, an ``id`` with an @
``aliases``            further addresses of the same account (``identifiers``)
``status``             ``active`` (2), ``suspended`` (3), ``deleted`` (4), ``staged`` (1); 0 if missing
``isAdmin``, ``role``  whether it has an administrative role in the app, and which
``isExternal``         (``affiliation``, ``ext``); null if unknown
``organization``       organizational unit (``orgUnit``)
``groups``             group ids, or objects with ``id`` and ``name`` (``userGroups``)
``apps``               numbers of further apps that the account uses (``subApps``, ``sublst``; keys of ``sub``)
``lastSeen``           ms or ISO 8601 (``ls``)
``score``              investigation priority (``threatScore``)
``sctime``             time of the scan, in ms or ISO 8601 (``scanned``); now if missing
``sid``                security identifier
=====================  ============================================================================================

``_id`` is derived from tenant and entity and never taken from the record, so an entity has one record whoever delivers
it. Unknown keys are dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opencasb.activities.connected_apps import by_number, unlisted
from opencasb.activities.entity_groups import groups_from
from opencasb.activities.entity_keys import (
    APPLICATION,
    LONGEST_ID,
    LONGEST_NAME,
    PERSON,
    Key,
    account_id,
    key_from,
    person_id,
    seen_app,
)
from opencasb.activities.given import Given
from opencasb.activities.inferred_roles import role_times
from opencasb.activities.invalid import Invalid
from opencasb.activities.key_case import apart
from opencasb.activities.names import address_in
from opencasb.activities.times import not_ahead
from opencasb.activities.wire_parts import number
from opencasb.model.iso_time import iso
from opencasb.store.entities import ACCOUNT, USER

UNKNOWN_STATUS, STAGED, ACTIVE, SUSPENDED, DELETED = range(5)

_TYPES: Final = {"account": ACCOUNT, "user": USER}
_ID_TYPES: Final = {"user": PERSON, "application": APPLICATION}
_STATUSES: Final = {"n/a": 0, "staged": 1, "active": 2, "suspended": 3, "deleted": 4}
_GUEST_MARKS: Final = ("#ext#", "urn:spo:guest")

_Json = Mapping[str, Any]


def entities_from(record: _Json, tenant_id: int, now: int) -> dict[str, Any]:  # any JSON
    """Return a delivered entity as a complete wire record. Raises :class:`Invalid`."""
    given = Given(record)
    key = key_from(given)
    email = _email(given, key)
    kind = given.code("type", "entityType", words=_TYPES) or ACCOUNT
    id_type = given.code("idType", words=_ID_TYPES) or PERSON
    is_external = _is_external(given, key)
    last_seen = _not_ahead(_last_seen(given), now)
    scanned = _not_ahead(given.time("sctime", "scanned"), now)
    is_fake = given.flag("isFake") or False
    scanned = now if scanned is None and not is_fake else scanned
    made = {
        "_id": _record_id(tenant_id, kind, key, email),
        "type": kind,
        "status": given.code("status", "s", words=_STATUSES) or UNKNOWN_STATUS,
        "displayName": given.label("displayName", "name", "dn", longest=LONGEST_NAME) or email or key.id,
        "id": key.id,
        "ii": key.ii,
        "username": key.username,
        "email": email,
        "domain": given.text("domain") or (email or "").rpartition("@")[2],
        "organization": given.label("organization", "orgUnit"),
        "role": given.label("role"),
        "isAdmin": given.flag("isAdmin") or False,
        "isExternal": is_external,
        "isFake": is_fake,
        "lastSeen": None if last_seen is None else iso(last_seen),
        "timestamp": next((time for time in (last_seen, scanned) if time is not None), now),
        "sid": given.text("sid"),
        "identifiers": [each.lower() for each in given.texts("aliases", "identifiers")],
        "userGroups": groups_from(given, tenant_id, key.saas, is_external=is_external, id_type=id_type),
        "appData": {"appId": key.saas, "name": _app_name(given, key), "saas": key.saas, "instance": key.inst},
        "subApps": _apps(given, key),
        "idType": id_type,
        "threatScore": given.number("threatScore", "score"),
        "scoreTrends": apart(given.structure("scoreTrends")),
        "threatScoreHistory": apart(given.items("threatScoreHistory")),
        "sctime": scanned,
        "actions": apart(given.items("actions")),
        "accounts": [],
        "parentId": None,
        "statusTime": scanned,
    }
    # Set on exported accounts, so that later activities continue from there.
    for name in ("statusTime", "roleTime", "adminTime"):
        if (told := _not_ahead(given.time(name), now)) is not None:
            made[name] = told
    if roles := role_times(given):
        made["roleTimes"] = roles
    made["accounts"] = (
        [_account(each, tenant_id, made, now) for each in given.items("accounts")] if kind == USER else []
    )
    return made


def account_item(account: _Json, parent: _Json | None) -> dict[str, Any]:  # JSON
    """Return an account as listed in the ``accounts`` of a user; ``p`` names the user."""
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


def account_from(item: _Json, tenant_id: int, now: int) -> dict[str, Any]:  # any JSON
    """Return one of the ``accounts`` of a user as a wire record of its own. Raises :class:`Invalid`."""
    # ``ii`` names the user's app even if the account is in a part of it, so the other keys are more exact.
    flat = {name: value for name, value in item.items() if name not in {"ii", "username", "accounts"}}
    return entities_from({**flat, "type": ACCOUNT}, tenant_id, now)


def _email(given: Given, key: Key) -> str | None:
    name, value = given.value("email", "mail", "em", "pa")
    found = given.text("email", "mail", "em", "pa", longest=LONGEST_ID)
    if found is None:
        return address_in(key.id)
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


def _last_seen(given: Given) -> int | None:
    """Return when an entity was last seen; accounts from the upstream product may state it only in ``appData``."""
    found = given.time("lastSeen", "ls")
    return Given(given.structure("appData") or {}).time("lastSeen") if found is None else found


def _not_ahead(time: int | None, now: int) -> int | None:
    return None if time is None else not_ahead(time, now)


def _app_name(given: Given, key: Key) -> str:
    app = Given(given.structure("appData") or {})
    known = by_number(key.saas)
    return app.label("name") or (known.name if known else given.label("appName") or unlisted(key.saas, "").name)


def _apps(given: Given, key: Key) -> list[int]:
    """Return the numbers of the other apps that an account uses; they may be wrapped in objects."""
    found = {seen_app(given)}
    for each in (*given.items("subApps", "apps"), *given.items("sublst")):
        found.add(Given(each if isinstance(each, Mapping) else {"appId": each}).number("appId", "saas"))
    parts = given.record.get("sub")  # maps the number of an app to when it was used
    found.update(number(each) for each in (parts if isinstance(parts, Mapping) else ()))
    return sorted(each for each in found if each is not None and each != key.saas)


def _account(item: Any, tenant_id: int, parent: _Json, now: int) -> dict[str, Any]:  # any JSON
    if not isinstance(item, Mapping):
        raise Invalid("accounts", item, "a list of objects is expected")
    return account_item(account_from(item, tenant_id, now), parent)
