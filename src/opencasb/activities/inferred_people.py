"""Infer people from their accounts (connectors §7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from opencasb.activities.entity_wire import entities_from
from opencasb.activities.given import MOST_ITEMS
from opencasb.store.entities import USER

DIRECTORIES: Final = (11161, 20940, 10980, 11770)
"""Microsoft 365, Active Directory, Okta, Google Workspace: a person is identified by the account there."""

_Json = Mapping[str, Any]


def person_of(user_id: str, items: Sequence[_Json], like: _Json, tenant_id: int, now: int) -> dict[str, Any]:  # JSON
    """Return a person derived from accounts, independent of their order; ``like`` has at least an address."""
    first, email = items[0], next((item["em"] for item in items if item["em"]), like["email"])
    external = {item["ext"] for item in items}
    addresses = {text for item in items for text in _addresses(item)}
    flat = {
        "type": USER,
        "id": first["i"],
        "saas": first["saas"],
        "instanceId": first["inst"],
        "email": email,
        "displayName": next((item["dn"] for item in items if item["dn"] not in {item["i"], item["em"]}), email),
        "status": first["s"],
        "isAdmin": any(item["isAdmin"] for item in items),
        "isExternal": None if external == {None} else False not in external,
        "isFake": True,
        "lastSeen": max((item["lastSeen"] for item in items if item["lastSeen"]), default=None),
        "groups": [group for item in items for group in item["userGroups"]],
        "aliases": sorted(addresses - {email}),
    }
    made = {**entities_from(flat, tenant_id, now), "_id": user_id}
    return made if made["lastSeen"] else {**made, "timestamp": like["timestamp"]}


def addresses_of(user: _Json) -> set[str]:
    """Return the addresses of a person and of its accounts; names without an @ may be shared by several people."""
    own = {text for text in (user["email"], *user["identifiers"]) if text}
    return {text for text in own.union(*(_addresses(item) for item in user["accounts"])) if "@" in text}


def facts(items: Iterable[_Json]) -> list[_Json]:
    """Return the facts that a person is derived from: everything in the accounts except when they were seen."""
    return [{**item, "lastSeen": None, "p": None} for item in items]


def with_accounts(user: dict[str, Any], items: Sequence[_Json]) -> dict[str, Any]:  # JSON
    """Set the accounts of a person, given in order of :func:`rank`, up to :data:`MOST_ITEMS`, and return the person."""
    user["accounts"] = [{**item, "p": user["ii"]} for item in items[:MOST_ITEMS]]
    return user


def _addresses(item: _Json) -> set[str]:
    return {text for text in (item["em"], *item["aliases"]) if text}


def rank(item: _Json) -> tuple[int, int, int, str, str]:
    """Return the sort key of an account among those of a person."""
    saas = item["saas"]
    directory = DIRECTORIES.index(saas) if saas in DIRECTORIES else len(DIRECTORIES)
    return directory, saas, item["inst"], item["i"], item["_id"]
