"""Accounts and people are stored as activities and scans show them (connectors §7).

That somebody was seen again in the same minute of the clock is not stored if nothing else has changed: else whoever
works all day would be written anew with every delivery. Filters by whole minutes have exact answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.activities.entity_keys import person_id
from opencasb.activities.entity_resolution import Documents, Known, address_key, records_after, sightings_of
from opencasb.activities.inferred_people import DIRECTORIES
from opencasb.activities.own_domains import is_external
from opencasb.activities.sightings import Sighting
from opencasb.model.pieces import pieces
from opencasb.store.entities import Entities, entity_key
from opencasb.store.records import Record
from opencasb.store.sequences import lock

MINUTE: Final = 60_000
"""In ms."""

_Json = Mapping[str, Any]


class People:
    """Keeps the entities of a tenant in step with its activities."""

    def __init__(self, entities: Entities, clock: Callable[[], int]) -> None:
        self._entities = entities
        self._clock = clock

    def seen(
        self, tenant_id: int, activities: Sequence[_Json], domains: Collection[str], connection: sa.Connection
    ) -> None:
        """Store what new activities show, in the transaction that stores them.

        ``domains`` are those of the tenant whose people are internal.
        """
        shown = sightings_of(activities)
        if not shown:
            return
        if domains:
            shown = [_placed(each, domains) for each in shown]
        keys = {text for each in shown for text in (each.key.text, *address_key(each.key, each.email))}
        emails = {each.email for each in shown if each.email}
        stored = _stored(self._entities, tenant_id, keys, emails, connection)
        records = records_after(shown, Known(tenant_id, stored, self._clock()), MINUTE)
        for piece in pieces(records):
            self._entities.replace(connection, tenant_id, piece)


class ScannedEntities(Entities):
    """The entities of each tenant, for those who deliver scans: :meth:`put` brings together what belongs together."""

    def put(self, tenant_id: int, records: Sequence[Record], *, connection: sa.Connection | None = None) -> int:
        """Store scanned entities, each in place of what was inferred of it, and join accounts with their people.

        Returns how many of them differ from what was stored.
        """
        if connection is None:
            with self.writing() as own:
                return self.put(tenant_id, records, connection=own)
        keys = {key for each in records for key in each.values["entities"]}
        found = (text for each in records for text in (each.document["email"], *each.document["identifiers"]))
        emails = {text for text in found if text}
        known = Known(tenant_id, _stored(self, tenant_id, keys, emails, connection), self._clock())
        confirmed = set()
        for each in records:
            confirmed.add(known.confirm(each.document, each.arrived))
        changed = known.changed()
        for piece in pieces(changed):
            self.replace(connection, tenant_id, piece)
        return sum(each.record_id in confirmed for each in changed)


def _placed(sighting: Sighting, domains: Collection[str]) -> Sighting:
    """Return a sighting that tells by the address whether somebody is external, where nothing else told."""
    if sighting.is_external is not None or sighting.is_application:
        return sighting
    return msgspec.structs.replace(sighting, is_external=is_external(sighting.email, domains))


def _stored(
    entities: Entities, tenant_id: int, keys: Collection[str], emails: Iterable[str], connection: sa.Connection
) -> Documents:
    """Return what is known of some accounts and people; nobody else changes it before the transaction ends."""
    lock(connection, tenant_id, entities.kind.name)
    found = entities.having(tenant_id, keys, connection=connection)
    ids = {person_id(tenant_id, email): email for email in emails}
    found |= _people(entities, tenant_id, ids.keys() - found.keys(), found, connection)
    strange = {email for user_id, email in ids.items() if user_id not in found}
    strange -= {text for each in found.values() for text in (each["email"], *each["identifiers"])}
    if strange:  # somebody new, or an address that only a directory knows
        keys = {entity_key(email, saas, 0) for email in strange for saas in DIRECTORIES}  # in their first instances
        more = entities.having(tenant_id, keys, connection=connection)
        found |= more | _people(entities, tenant_id, set(), more, connection)
    return found


def _people(
    entities: Entities, tenant_id: int, ids: Collection[str], accounts: _Json, connection: sa.Connection
) -> Documents:
    """Return the people with some ids, and those of accounts."""
    wanted = {*ids, *(each["parentId"] for each in accounts.values() if each["parentId"])} - accounts.keys()
    found: Documents = {}
    for piece in pieces(wanted):
        found |= entities.many(tenant_id, piece, connection=connection)
    return found
