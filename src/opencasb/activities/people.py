"""Store accounts and people as shown by activities and scans (connectors §7).

A repeated sighting within the same minute is not stored if nothing else has changed; otherwise every delivery would
rewrite whoever works all day. Filters that use whole minutes remain exact.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from opencasb.activities.entity_keys import person_id
from opencasb.activities.entity_resolution import Documents, Known, address_key, sightings_of
from opencasb.activities.inferred_people import DIRECTORIES
from opencasb.activities.own_domains import is_external
from opencasb.activities.sightings import Sighting
from opencasb.model.durations import MINUTE
from opencasb.model.pieces import pieces
from opencasb.store.entities import Entities, entity_key
from opencasb.store.records import Record
from opencasb.store.sequences import lock

"""In ms."""

_Json = Mapping[str, Any]


class People:
    """Keep a tenant's entities up to date with its activities."""

    def __init__(self, entities: Entities, clock: Callable[[], int]) -> None:
        self._entities = entities
        self._clock = clock

    def seen(
        self, tenant_id: int, activities: Sequence[_Json], domains: Collection[str], connection: sa.Connection
    ) -> None:
        """Store what new activities show, in the transaction that stores them.

        ``domains`` are the tenant's own, whose users are internal.
        """
        shown = sightings_of(activities)
        if not shown:
            return
        if domains:
            shown = [_placed(each, domains) for each in shown]
        keys = {text for each in shown for text in (each.key.text, *address_key(each.key, each.email))}
        emails = {each.email for each in shown if each.email}
        known = Known(tenant_id, _stored(self._entities, tenant_id, keys, emails, connection), self._clock())
        for each in shown:
            known.see(each)
        for piece in pieces(known.changed(MINUTE)):
            self._entities.replace(connection, tenant_id, piece)


class ScannedEntities(Entities):
    """The entities of each tenant as stored by scans: :meth:`put` merges scanned with inferred entities."""

    def put(self, tenant_id: int, records: Sequence[Record], *, connection: sa.Connection | None = None) -> int:
        """Store scanned entities in place of inferred ones, and join accounts with their people.

        Returns how many of them differ from what was stored.
        """
        keys = {key for each in records for key in each.values["entities"]}
        found = (text for each in records for text in (each.document["email"], *each.document["identifiers"]))
        emails = {text for text in found if text}
        with self._writing(connection) as writing:
            known = Known(tenant_id, _stored(self, tenant_id, keys, emails, writing), self._clock())
            confirmed = {known.confirm(each.document, each.arrived) for each in records}
            changed = known.changed()
            for piece in pieces(changed):
                self.replace(writing, tenant_id, piece)
        return sum(each.record_id in confirmed for each in changed)


def _placed(sighting: Sighting, domains: Collection[str]) -> Sighting:
    """Return a sighting with ``is_external`` derived from the address, unless something else has set it."""
    if sighting.is_external is not None or sighting.is_application:
        return sighting
    return msgspec.structs.replace(sighting, is_external=is_external(sighting.email, domains))


def _stored(
    entities: Entities, tenant_id: int, keys: Collection[str], emails: Iterable[str], connection: sa.Connection
) -> Documents:
    """Return the stored accounts and people concerned, locked until the transaction ends."""
    lock(connection, tenant_id, entities.kind.name)
    found = entities.having(tenant_id, keys, connection=connection)
    ids = {person_id(tenant_id, email): email for email in emails}
    found |= _people(entities, tenant_id, ids.keys() - found.keys(), found, connection)
    strange = {email for user_id, email in ids.items() if user_id not in found}
    strange -= {text for each in found.values() for text in (each["email"], *each["identifiers"])}
    if strange:  # somebody new, or an address known only to a directory
        keys = {entity_key(email, saas, 0) for email in strange for saas in DIRECTORIES}  # in the first instances
        more = entities.having(tenant_id, keys, connection=connection)
        found |= more | _people(entities, tenant_id, set(), more, connection)
    return found


def _people(
    entities: Entities, tenant_id: int, ids: Collection[str], accounts: _Json, connection: sa.Connection
) -> Documents:
    """Return the people with the given ids, and the owners of the given accounts."""
    wanted = {*ids, *(each["parentId"] for each in accounts.values() if each["parentId"])} - accounts.keys()
    found: Documents = {}
    for piece in pieces(wanted):
        found |= entities.many(tenant_id, piece, connection=connection)
    return found
