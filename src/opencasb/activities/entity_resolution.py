"""Merge accounts and people from activities and scans (connectors §7).

An account is identified by app, instance and id; until its app has revealed the id, the e-mail address stands in for
it. A person owns all accounts that share an address, primary or alias, and remains the same person when further
addresses appear. Application accounts, and accounts without an address, belong to nobody. What is inferred from
activities (``isFake``) never overrides scan data, except for the time an account was last seen, and for its status and
administrative role where an event is newer than the scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from opencasb.activities.entity_columns import last_seen, record
from opencasb.activities.entity_keys import PERSON, Key, key_of, own_keys, person_id
from opencasb.activities.entity_wire import account_from, account_item
from opencasb.activities.inferred_accounts import account_of, is_seen_again, learn, learn_id, touch
from opencasb.activities.inferred_people import addresses_of, facts, person_of, rank, with_accounts
from opencasb.activities.inferred_roles import learn_newer_roles
from opencasb.activities.invalid import Invalid
from opencasb.activities.repeats import is_repeated
from opencasb.activities.sightings import Sighting, sightings
from opencasb.store.entities import USER, entity_key
from opencasb.store.records import Record

_Json = Mapping[str, Any]
Documents = dict[str, dict[str, Any]]
"""Wire records of entities, keyed by record id."""


def sightings_of(activities: Iterable[_Json]) -> list[Sighting]:
    """Return the accounts that activities show, in an order that does not depend on the order of delivery.

    Names that may be anybody's come last, because they only add to accounts that are known.
    """
    shown = [each for activity in activities for each in sightings(activity)]
    return sorted(shown, key=lambda each: (not each.is_certain, each.time, each.key.text, each.name or ""))


def address_key(key: Key, email: str | None) -> tuple[str, ...]:
    """Return the key that finds an account while its address stands in for its id; empty if it has no address."""
    return () if email is None else (entity_key(email, key.saas, key.inst),)


class Known:
    """The entities of one transaction: those stored, and the changes made to them."""

    def __init__(self, tenant_id: int, stored: Mapping[str, _Json], now: int) -> None:
        self._tenant_id = tenant_id
        self._now = now
        self._stored = stored
        self._documents: Documents = {record_id: dict(document) for record_id, document in stored.items()}
        self._accounts: dict[str, str] = {}
        self._people: dict[str, set[str]] = {}
        self._items: dict[str, tuple[str, _Json]] = {}
        """Accounts delivered only as part of their users, by key, each with the user's record id."""
        self._kept: set[str] = set()
        for document in sorted(stored.values(), key=lambda each: str(each["_id"])):
            self._index(document)

    def see(self, sighting: Sighting) -> None:
        """Apply a sighting from an activity."""
        found = self._find(sighting.key, sighting.email) or self._unpacked(sighting.key)
        if found is None and not sighting.is_certain:
            return
        try:
            account = account_of(sighting, self._tenant_id, self._now) if found is None else self._documents[found]
        except Invalid:
            return  # an account that would be rejected on delivery is not inferred either
        names = account["id"], account["email"]
        learn(account, sighting)
        if found is None or names != (account["id"], account["email"]):
            self._keep(account)
        else:
            self._kept.add(found)

    def confirm(self, document: _Json, arrived: int | None) -> str:
        """Apply a scanned entity received at ``arrived`` (ms) and return the id of its record."""
        entity = self._person(document) if document["type"] == USER else self._account(document)
        record_id = str(entity["_id"])
        stored = self._stored.get(record_id)
        if stored is not None and is_repeated(entity, stored, arrived):
            entity = dict(stored)
        if document["type"] == USER:
            self._documents[record_id] = entity
            self._index(entity)
        else:
            self._keep(entity)
        return record_id

    def _account(self, document: _Json) -> dict[str, Any]:  # JSON
        """Return a scanned account merged with what is already known about it."""
        found = self._find(key_of(document), document["email"])
        before = None if found is None else self._documents[found]
        account = dict(document)
        if before is not None:
            account |= {"_id": before["_id"], "parentId": before["parentId"]}
            account["subApps"] = sorted({*document["subApps"], *before["subApps"]})
            touch(account, last_seen(before))
            if (before["statusTime"] or 0) > (document["statusTime"] or 0):
                account |= {"status": before["status"], "statusTime": before["statusTime"]}
            learn_newer_roles(account, before)
        return account

    def changed(self, precision: int = 1) -> list[Record]:
        """Return the records to write, with accounts joined to their people.

        An account that was merely seen again within the same ``precision`` ms stays as stored.
        """
        for record_id in sorted(self._kept):
            account, stored = self._documents[record_id], self._stored.get(record_id)
            if stored is not None and is_seen_again(account, stored, precision):
                self._documents[record_id] = dict(stored)
            elif account["idType"] == PERSON and (account["parentId"] or account["email"]):
                self._join(account)
        self._kept.clear()
        new = (each for record_id, each in self._documents.items() if self._stored.get(record_id) != each)
        return [record(document) for document in new]

    def _find(self, key: Key, email: str | None) -> str | None:
        """Return the record id of the account with a key, or of the one whose address stands in for its id."""
        found = self._accounts.get(key.text)
        if found is not None or email is None:
            return found
        named = self._accounts.get(*address_key(key, email))
        return named if named is not None and self._documents[named]["id"] == email else None

    def _unpacked(self, key: Key) -> str | None:
        """Give the account a record of its own, if so far it was delivered only with its user; return the record id."""
        if key.text not in self._items:
            return None
        user_id, item = self._items[key.text]
        found = {**item, "sctime": self._documents[user_id]["sctime"]}
        account = {**account_from(found, self._tenant_id, self._now), "parentId": user_id}
        known = self._documents.setdefault(account["_id"], account)
        self._index(known)
        return str(known["_id"])

    def _keep(self, account: dict[str, Any]) -> None:
        self._documents[account["_id"]] = account
        self._kept.add(account["_id"])
        self._index(account)

    def _join(self, account: dict[str, Any]) -> None:
        """Add an account to those of its person."""
        user_id = account["parentId"] or self._person_of(account)
        account["parentId"] = user_id
        before = self._documents.get(user_id)
        others = [] if before is None else [item for item in before["accounts"] if item["_id"] != account["_id"]]
        items = sorted([*others, account_item(account, None)], key=rank)
        if before is None or (before["isFake"] and facts(before["accounts"]) != facts(items)):
            user = person_of(user_id, items, account if before is None else before, self._tenant_id, self._now)
        else:
            user = {**before}
            touch(user, last_seen(account))
        self._documents[user_id] = with_accounts(user, items)
        self._index(user)

    def _person_of(self, account: _Json) -> str:
        """Return the person with the account's address, or else the only one who shares any of its addresses.

        Accounts stay apart if several people share the address, which makes the owner ambiguous, or if the person
        already has an account in the same app instance.
        """
        own = person_id(self._tenant_id, account["email"])
        if own in self._documents:
            return own
        having = {each for name in (account["email"], *account["identifiers"]) for each in self._people.get(name, ())}
        return having.pop() if len(having) == 1 and not self._is_in_app(having, account) else own

    def _is_in_app(self, people: Iterable[str], account: _Json) -> bool:
        place = account["appData"]["saas"], account["appData"]["instance"]
        items = (item for each in people for item in self._documents[each]["accounts"])
        return any((item["saas"], item["inst"]) == place and item["_id"] != account["_id"] for item in items)

    def _person(self, document: _Json) -> dict[str, Any]:  # JSON
        """Return a scanned person merged with already known accounts, whose records are linked to the person."""
        before = self._documents.get(document["_id"])
        user, items = dict(document), self._known_items(document["accounts"])
        if before is not None:
            touch(user, last_seen(before))
            given = {item["_id"] for item in items}
            items += [item for item in before["accounts"] if item["_id"] not in given]
        return with_accounts(user, sorted((self._owned(item, user["_id"]) for item in items), key=rank))

    def _known_items(self, items: Iterable[_Json]) -> list[_Json]:
        """Return a person's delivered accounts under the ids of their known records, without duplicates."""
        found: dict[str, _Json] = {}
        for item in items:
            known = self._find(Key(item["i"], item["saas"], item["inst"]), item["em"])
            if known is not None and self._documents[known]["isFake"]:
                learn_id(self._documents[known], item["i"])
                self._index(self._documents[known])
            record_id = known or item["_id"]
            found.setdefault(record_id, {**item, "_id": record_id})
        return list(found.values())

    def _owned(self, item: _Json, user_id: str) -> _Json:
        """Return a person's account with its known usage; if it has a record, link that to the person."""
        account = self._documents.get(item["_id"])
        if account is None:
            return item
        account["parentId"] = account["parentId"] or user_id
        seen = max(item["lastSeen"] or "", account["lastSeen"] or "")  # equal length: compare as times
        return {**item, "lastSeen": seen or None, "sublst": sorted({*item["sublst"], *account["subApps"]})}

    def _index(self, document: _Json) -> None:
        if document["type"] == USER:
            for address in addresses_of(document):
                self._people.setdefault(address, set()).add(document["_id"])
            for item in document["accounts"]:
                names = (name for name in (item["i"], item["em"]) if name)  # an alias may belong to somebody else
                keys = (entity_key(name, item["saas"], item["inst"]) for name in names)
                self._items |= dict.fromkeys(keys, (document["_id"], item))
        else:
            own = key_of(document).text
            for key in own_keys(document) - {own}:
                self._accounts.setdefault(key, document["_id"])
            self._accounts[own] = document["_id"]
