"""How each kind of delivered record becomes what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from opencasb.activities import columns, entity_columns, file_columns, own_domains
from opencasb.activities.enrichment import Enrichment
from opencasb.activities.entity_keys import PERSON
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.file_wire import file_from
from opencasb.activities.normalised import to_wire
from opencasb.activities.wire import complete

if TYPE_CHECKING:
    from opencasb.activities.ingest import Convert, Domains, Reader
    from opencasb.activities.ip_ranges import RangeIndex
    from opencasb.activities.places import Place
    from opencasb.store.records import Record


_WIRE_KEYS: Final = frozenset({"_id", "mainInfo", "entityData", "device", "location"})
_FLAT_KEYS: Final = frozenset({"id", "ip", "userId", "isSuccess", "isAdmin", "objects", "activityClass", "raw"})
"""Keys of an activity that only one of the forms has; both have ``user`` and ``userAgent``, as an object or as text."""


def activities(ranges: Callable[[int], RangeIndex], find_place: Callable[[str], Place]) -> Reader:
    """Return how activities are read: brought into wire form, enriched, and given their columns.

    ``ranges`` gives the IP ranges of a tenant.
    """

    def reader(tenant_id: int, now: int, domains: Domains) -> Convert:
        known = Enrichment(ranges(tenant_id).find, find_place)

        def convert(given: dict[str, Any]) -> Record:
            to_complete = to_wire if is_normalised(given) else complete
            activity = to_complete(given, tenant_id, now)
            return columns.to_record(known.enrich(own_domains.with_tag(activity, domains) if domains else activity))

        return convert

    return reader


def entities(tenant_id: int, now: int, domains: Domains = ()) -> Convert:
    """Return how entities are read; those that do not say whether they are external are told by their address."""

    def convert(given: dict[str, Any]) -> Record:
        found = entities_from(given, tenant_id, now)
        if domains and found["isExternal"] is None and found["idType"] == PERSON:
            is_external = own_domains.is_external(found["email"] or found["id"], domains)
            found = entities_from({**given, "isExternal": is_external}, tenant_id, now)
        return replace(entity_columns.record(found), arrived=now)

    return convert


def is_normalised(given: Mapping[str, Any]) -> bool:
    """Tell whether an activity is in the form of connectors §2, by keys that the wire form does not have.

    One that has none of the keys that every wire activity has needs no more than one of those that can only be flat.
    """
    if "rawOperation" in given or "app" in given:
        return True
    keys = given.keys()
    return keys.isdisjoint(_WIRE_KEYS) and (
        not keys.isdisjoint(_FLAT_KEYS) or any(isinstance(given.get(name), str) for name in ("user", "userAgent"))
    )


def files(tenant_id: int, now: int, domains: Domains = ()) -> Convert:
    """Return how files are read; ``domains`` tell how far sharing with an address reaches."""
    return lambda given: replace(file_columns.record(file_from(given, tenant_id, now, domains)), arrived=now)
