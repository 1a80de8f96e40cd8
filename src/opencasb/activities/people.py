"""Accounts and people, as activities and scans show them (connectors §7).

An account is known by app, instance and id; before an app has told its id of somebody, by the e-mail address in its
place. A person is whoever has the accounts with one address; accounts of programs, and those without an address, are
nobody's. What is inferred from activities (``isFake``) never changes what a scan has said, but for when an account was
last seen, and for the status where an event is newer than the scan.

That somebody was seen again in the same minute of the clock is not stored if nothing else has changed: else whoever
works all day would be written anew with every delivery. Filters by whole minutes have exact answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.activities.entity_columns import last_seen, record
from opencasb.activities.entity_groups import built_in_group
from opencasb.activities.entity_keys import APPLICATION, PERSON, Key, key_of, own_keys, person_id
from opencasb.activities.entity_wire import account_item, entities_from
from opencasb.activities.given import MOST_ITEMS
from opencasb.activities.invalid import Invalid
from opencasb.activities.own_domains import is_external
from opencasb.activities.sightings import Sighting, sightings
from opencasb.model.iso_time import iso
from opencasb.model.pieces import pieces
from opencasb.store.entities import ACCOUNT, USER, Entities, entity_key
from opencasb.store.records import Record
from opencasb.store.sequences import lock
from opencasb.store.user_groups import EXTERNAL_USERS

DIRECTORIES: Final = (11161, 20940, 10980, 11770)
"""Microsoft 365, Active Directory, Okta, Google Workspace: the account there is what a person is known by."""

MINUTE: Final = 60_000
"""In ms."""

_Json = Mapping[str, Any]
Documents = dict[str, dict[str, Any]]
"""Wire records of entities by their record ids."""


def seen_in(activities: Sequence[_Json], tenant_id: int, stored: Mapping[str, _Json], now: int) -> list[Record]:  # JSON
    """Return the accounts and people that wire activities show, as far as they are new or differ from ``stored``.

    ``stored`` are the records of those entities, by id; :class:`People` finds them.
    """
    return _seen(_shown(activities), _Known(tenant_id, stored, now))


class People:
    """Keeps the entities of a tenant in step with its activities."""

    def __init__(
        self,
        entities: Entities,
        clock: Callable[[], int],
        own_domains: Callable[[int, sa.Connection], Collection[str]] = lambda *_: (),
    ) -> None:
        """``own_domains`` gives the domains of a tenant whose people are internal."""
        self._entities = entities
        self._clock = clock
        self._own_domains = own_domains

    def seen(self, tenant_id: int, activities: Sequence[_Json], connection: sa.Connection) -> None:
        """Store what new activities show, in the transaction that stores them."""
        shown = _shown(activities)
        if not shown:
            return
        if domains := self._own_domains(tenant_id, connection):
            shown = [_placed(each, domains) for each in shown]
        keys = {text for each in shown for text in (each.key.text, *_address_key(each.key, each.email))}
        emails = {each.email for each in shown if each.email}
        stored = _stored(self._entities, tenant_id, keys, emails, connection)
        records = _seen(shown, _Known(tenant_id, stored, self._clock()), MINUTE)
        for piece in pieces(records):
            self._entities.put(tenant_id, piece, connection=connection)


class ScannedEntities(Entities):
    """The entities of each tenant, for those who deliver scans: :meth:`put` brings together what belongs together."""

    def put(self, tenant_id: int, records: Sequence[Record], *, connection: sa.Connection | None = None) -> int:
        """Store scanned entities, each in place of what was inferred of it, and join accounts with their people."""
        if connection is None:
            with self.writing() as own:
                return self.put(tenant_id, records, connection=own)
        keys = {key for each in records for key in each.values["entities"]}
        emails = {str(each.document["email"]) for each in records if each.document["email"]}
        known = _Known(tenant_id, _stored(self, tenant_id, keys, emails, connection), self._clock())
        for each in records:
            known.confirm(each.document)
        for piece in pieces(known.changed()):
            super().put(tenant_id, piece, connection=connection)
        return len(records)


def _shown(activities: Iterable[_Json]) -> list[Sighting]:
    """Return whom activities show, in the one order that does not depend on that of their delivery."""
    shown = [each for activity in activities for each in sightings(activity)]
    return sorted(shown, key=lambda each: (each.time, each.key.text, each.name or ""))


def _placed(sighting: Sighting, domains: Collection[str]) -> Sighting:
    """Return a sighting that tells by the address whether somebody is external, where nothing else told."""
    if sighting.is_external is not None or sighting.is_application:
        return sighting
    return msgspec.structs.replace(sighting, is_external=is_external(sighting.email, domains))


def _seen(shown: Iterable[Sighting], known: _Known, precision: int = 1) -> list[Record]:
    for sighting in shown:
        known.see(sighting)
    return known.changed(precision)


def _stored(
    entities: Entities, tenant_id: int, keys: Collection[str], emails: Iterable[str], connection: sa.Connection
) -> Documents:
    """Return what is known of some accounts and people; nobody else changes it before the transaction ends."""
    lock(connection, tenant_id, entities.kind.name)
    found = entities.having(tenant_id, keys, connection=connection)
    people = {person_id(tenant_id, email) for email in emails}
    people |= {document["parentId"] for document in found.values() if document["parentId"]}
    for piece in pieces(people - found.keys()):
        found |= entities.many(tenant_id, piece, connection=connection)
    return found


def _address_key(key: Key, email: str | None) -> tuple[str, ...]:
    return () if email is None else (entity_key(email, key.saas, key.inst),)


class _Known:
    """The entities of one transaction: those that were stored, and what becomes of them."""

    def __init__(self, tenant_id: int, stored: Mapping[str, _Json], now: int) -> None:
        self._tenant_id = tenant_id
        self._now = now
        self._stored = stored
        self._documents: Documents = {record_id: dict(document) for record_id, document in stored.items()}
        self._accounts: dict[str, str] = {}
        self._kept: set[str] = set()
        for document in sorted(stored.values(), key=lambda each: str(each["_id"])):
            self._index(document)

    def see(self, sighting: Sighting) -> None:
        """Take in what an activity shows."""
        found = self._find(sighting.key, sighting.email)
        if found is None and not sighting.is_certain:
            return
        try:
            account = self._new(sighting) if found is None else self._documents[found]
        except Invalid:
            return  # an account that could not be delivered is not inferred either
        names = account["id"], account["email"]
        _learn(account, sighting)
        if found is None or names != (account["id"], account["email"]):
            self._keep(account)
        else:
            self._kept.add(found)

    def confirm(self, document: _Json) -> None:
        """Take in what a scan says."""
        if document["type"] == USER:
            self._confirm_person(document)
            return
        found = self._find(key_of(document), document["email"])
        before = None if found is None else self._documents[found]
        account = dict(document)
        if before is not None:
            account |= {"_id": before["_id"], "parentId": before["parentId"]}
            account["subApps"] = sorted({*document["subApps"], *before["subApps"]})
            _touch(account, last_seen(before))
            if (before["statusTime"] or 0) > (document["statusTime"] or 0):
                account |= {"status": before["status"], "statusTime": before["statusTime"]}
        self._keep(account)

    def changed(self, precision: int = 1) -> list[Record]:
        """Return the records that are to be written, accounts joined with their people.

        An account that was only seen again, in the same ``precision`` ms, stays as it is stored.
        """
        for record_id in sorted(self._kept):
            account, stored = self._documents[record_id], self._stored.get(record_id)
            if stored is not None and _is_seen_again(account, stored, precision):
                self._documents[record_id] = dict(stored)
            elif account["idType"] == PERSON and (account["parentId"] or account["email"]):
                self._join(account)
        self._kept.clear()
        new = (each for record_id, each in self._documents.items() if self._stored.get(record_id) != each)
        return [record(document) for document in new]

    def _find(self, key: Key, email: str | None) -> str | None:
        """Return the account of a key, or the one that stands for its address until its id is known."""
        found = self._accounts.get(key.text)
        if found is not None or email is None:
            return found
        named = self._accounts.get(*_address_key(key, email))
        return named if named is not None and self._documents[named]["id"] == email else None

    def _new(self, sighting: Sighting) -> dict[str, Any]:
        key = sighting.key
        flat = {
            "id": key.id,
            "saas": key.saas,
            "instanceId": key.inst,
            "email": sighting.email,
            "isFake": True,
            "idType": APPLICATION if sighting.is_application else PERSON,
        }
        return {**entities_from(flat, self._tenant_id, self._now), "timestamp": sighting.time}

    def _keep(self, account: dict[str, Any]) -> None:
        self._documents[account["_id"]] = account
        self._kept.add(account["_id"])
        self._index(account)

    def _join(self, account: dict[str, Any]) -> None:
        """Put an account among those of its person."""
        user_id = account["parentId"] or person_id(self._tenant_id, account["email"])
        account["parentId"] = user_id
        before = self._documents.get(user_id)
        others = [] if before is None else [item for item in before["accounts"] if item["_id"] != account["_id"]]
        items = sorted([*others, account_item(account, None)], key=_rank)
        if before is None or (before["isFake"] and _facts(before["accounts"]) != _facts(items)):
            user = self._person(user_id, items, account if before is None else before)
        else:
            user = {**before}
            _touch(user, last_seen(account))
        self._documents[user_id] = _with_accounts(user, items)

    def _person(self, user_id: str, items: Sequence[_Json], like: _Json) -> dict[str, Any]:
        """Return a person as the accounts show it, in whatever order they came, with the address of ``like``."""
        first, email = items[0], like["email"]
        external = {item["ext"] for item in items}
        addresses = {text for item in items for text in (item["em"], *item["aliases"]) if text}
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
        made = {**entities_from(flat, self._tenant_id, self._now), "_id": user_id}
        return made if made["lastSeen"] else {**made, "timestamp": like["timestamp"]}

    def _confirm_person(self, document: _Json) -> None:
        before = self._documents.get(document["_id"])
        user, items = dict(document), list(document["accounts"])
        if before is not None:
            _touch(user, last_seen(before))
            given = {item["_id"] for item in items}
            items += [item for item in before["accounts"] if item["_id"] not in given]
        for item in items:
            account = self._documents.get(item["_id"])
            if account is not None and account["parentId"] is None:
                account["parentId"] = user["_id"]
        self._documents[user["_id"]] = _with_accounts(user, items)

    def _index(self, document: _Json) -> None:
        if document["type"] == ACCOUNT:
            own = key_of(document).text
            for key in own_keys(document) - {own}:
                self._accounts.setdefault(key, document["_id"])
            self._accounts[own] = document["_id"]


def _learn(account: dict[str, Any], sighting: Sighting) -> None:
    """Add what an activity shows to an account."""
    if account["isFake"]:
        _learn_identity(account, sighting)
        account["organization"] = account["organization"] or sighting.organization
        if sighting.app_id not in account["subApps"]:
            account["subApps"] = sorted({*account["subApps"], sighting.app_id} - {account["appData"]["saas"]})
        account["isAdmin"] = account["isAdmin"] or sighting.is_admin
        account["role"] = sighting.role or account["role"]
    if sighting.status is not None and sighting.time >= (account["statusTime"] or 0):
        account["status"], account["statusTime"] = sighting.status, sighting.time
    if sighting.seen:
        _touch(account, sighting.time)


def _learn_identity(account: dict[str, Any], sighting: Sighting) -> None:
    """Add names, and the id in place of the address that stood for it."""
    if sighting.email and account["email"] is None:
        account["email"], account["domain"] = sighting.email, sighting.email.rpartition("@")[2]
    if account["id"] == account["email"] != sighting.key.id:
        account |= {"id": sighting.key.id, **_named(replace(key_of(account), id=sighting.key.id))}
    if sighting.name and account["displayName"] in {account["id"], account["email"]}:
        account["displayName"] = sighting.name
    if sighting.is_external is not None and account["isExternal"] is None:
        account["isExternal"] = sighting.is_external
        if sighting.is_external:
            account["userGroups"] = [*account["userGroups"], built_in_group(EXTERNAL_USERS)]


def _named(key: Key) -> dict[str, str]:
    return {"ii": key.ii, "username": key.username}


def _touch(document: dict[str, Any], time: int | None) -> None:
    """Note that an entity was seen, unless it was later."""
    if time is None:
        return
    seen = iso(time)
    if seen > (document["lastSeen"] or ""):  # both are of one length, so text compares as time does
        document["lastSeen"], document["timestamp"] = seen, time


def _is_seen_again(account: _Json, stored: _Json, precision: int) -> bool:
    """Tell whether an account differs from what is stored only by a later moment of the same ``precision`` ms."""
    if stored["lastSeen"] is None or account["timestamp"] // precision != stored["timestamp"] // precision:
        return False
    return {**account, **{name: stored[name] for name in ("lastSeen", "timestamp")}} == stored


def _facts(items: Iterable[_Json]) -> list[_Json]:
    """Return what a person is made of: all that accounts say but when they were seen."""
    return [{**item, "lastSeen": None, "p": None} for item in items]


def _with_accounts(user: dict[str, Any], items: Iterable[_Json]) -> dict[str, Any]:
    user["accounts"] = [{**item, "p": user["ii"]} for item in sorted(items, key=_rank)[:MOST_ITEMS]]
    return user


def _rank(item: _Json) -> tuple[int, int, int, str, str]:
    """Return the place of an account among those of a person."""
    saas = item["saas"]
    directory = DIRECTORIES.index(saas) if saas in DIRECTORIES else len(DIRECTORIES)
    return directory, saas, item["inst"], item["i"], item["_id"]
