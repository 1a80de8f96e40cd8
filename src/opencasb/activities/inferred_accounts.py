"""Infer accounts from activities (connectors §7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from opencasb.activities.entity_groups import built_in_group
from opencasb.activities.entity_keys import APPLICATION, PERSON, key_of
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.inferred_roles import learn_act, learn_role
from opencasb.activities.sightings import Sighting
from opencasb.model.iso_time import iso
from opencasb.store.user_groups import EXTERNAL_USERS

_Json = Mapping[str, Any]


def account_of(sighting: Sighting, tenant_id: int, now: int) -> dict[str, Any]:  # JSON
    """Return an account that an activity shows for the first time. Raises :class:`Invalid`."""
    key = sighting.key
    flat = {
        "id": key.id,
        "saas": key.saas,
        "instanceId": key.inst,
        "email": sighting.email,
        "isFake": True,
        "idType": APPLICATION if sighting.is_application else PERSON,
    }
    return {**entities_from(flat, tenant_id, now), "timestamp": sighting.time}


def learn(account: dict[str, Any], sighting: Sighting) -> None:
    """Update an account with what an activity shows."""
    if account["isFake"]:
        _learn_identity(account, sighting)
        account["organization"] = account["organization"] or sighting.organization
        if sighting.app_id not in account["subApps"]:
            account["subApps"] = sorted({*account["subApps"], sighting.app_id} - {account["appData"]["saas"]})
        if sighting.is_admin:
            learn_act(account, sighting.time)
    if sighting.role is not None:
        learn_role(account, sighting.role, sighting.time, is_given=sighting.is_given)
    if sighting.status is not None and sighting.time >= (account["statusTime"] or 0):
        account["status"], account["statusTime"] = sighting.status, sighting.time
    if sighting.seen:
        touch(account, sighting.time)


def _learn_identity(account: dict[str, Any], sighting: Sighting) -> None:
    """Add names, and replace an address that stands in for the id."""
    if sighting.email and account["email"] is None:
        _address(account, sighting.email)
    elif sighting.email and sighting.seen and sighting.key.id == account["id"] != sighting.email:
        _learn_address(account, sighting.email, is_newer=sighting.time >= account["timestamp"])
    learn_id(account, sighting.key.id)
    is_named = sighting.name and sighting.name not in account["identifiers"]
    if is_named and account["displayName"] in {account["id"], account["email"]}:
        account["displayName"] = sighting.name
    if sighting.is_external is not None and account["isExternal"] is None:
        account["isExternal"] = sighting.is_external
        if sighting.is_external:
            account["userGroups"] = [*account["userGroups"], built_in_group(EXTERNAL_USERS)]


def learn_id(account: dict[str, Any], name: str) -> None:
    """Set the id of an account if so far its address stood in for it."""
    if account["id"] == account["email"] != name:
        key = msgspec.structs.replace(key_of(account), id=name)
        account |= {"id": name, "ii": key.ii, "username": key.username}


def _learn_address(account: dict[str, Any], email: str, *, is_newer: bool) -> None:
    """Adopt the newest address of an account whose id is known, and keep earlier ones as aliases."""
    before = account["email"]
    if email == before:
        return
    current, other = (email, before) if is_newer else (before, email)
    account["identifiers"] = sorted({*account["identifiers"], other} - {current})
    if account["displayName"] == before:
        account["displayName"] = current
    _address(account, current)


def _address(account: dict[str, Any], email: str) -> None:
    account["email"], account["domain"] = email, email.rpartition("@")[2]


def touch(document: dict[str, Any], time: int | None) -> None:
    """Advance the time an entity was last seen; an earlier time changes nothing."""
    if time is None:
        return
    seen = iso(time)
    if seen > (document["lastSeen"] or ""):  # equal length: text compares as time
        document["lastSeen"], document["timestamp"] = seen, time


def is_seen_again(account: _Json, stored: _Json, precision: int) -> bool:
    """Return whether an account differs from its stored state only in later times within the same ``precision`` ms."""
    if stored["lastSeen"] is None or account["timestamp"] // precision != stored["timestamp"] // precision:
        return False
    times = ("lastSeen", "timestamp", "adminTime")
    return {**account, **{name: stored[name] for name in times if name in stored}} == stored
