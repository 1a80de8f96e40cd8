"""Readers that turn each kind of delivered record into a stored one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from opencasb.activities import columns, entity_columns, file_columns, own_domains
from opencasb.activities.enrichment import Enrichment
from opencasb.activities.entity_keys import PERSON
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.file_wire import file_from
from opencasb.activities.invalid import Invalid
from opencasb.activities.lines import LONGEST
from opencasb.activities.normalised import to_wire
from opencasb.activities.wire import complete

if TYPE_CHECKING:
    from opencasb.activities.ingest import Convert, Domains, Reader
    from opencasb.activities.ip_ranges import RangeIndex
    from opencasb.activities.places import Place
    from opencasb.store.records import Record

_LARGEST: Final = LONGEST - 1024 * 1024
"""Maximum size of a normalised activity in wire format, in bytes; the rest is for what is added to it later."""

_WIRE_KEYS: Final = frozenset({"_id", "mainInfo", "entityData", "device", "location"})
_FLAT_KEYS: Final = frozenset({"id", "ip", "userId", "isSuccess", "isAdmin", "objects", "activityClass", "raw"})
"""Keys exclusive to one form of activity; both have ``user`` and ``userAgent``, as an object or as text."""


def activities(
    ranges: Callable[[int], RangeIndex],
    find_place: Callable[[str], Place],
    directory: Callable[[int], str | None] = lambda _: None,
) -> Reader:
    """Return a reader of activities: it converts them to wire format, enriches them and derives their columns.

    ``ranges`` returns the IP ranges of a tenant, ``directory`` its guid.
    """

    def reader(tenant_id: int, now: int, domains: Domains) -> Convert:
        known, guid = Enrichment(ranges(tenant_id).find, find_place), directory(tenant_id)

        def convert(given: dict[str, Any]) -> Record:
            activity = (_completed if is_normalised(given) else complete)(given, tenant_id, now, guid)
            return columns.to_record(known.enrich(own_domains.with_tag(activity, domains) if domains else activity))

        return convert

    return reader


def _completed(given: Mapping[str, Any], tenant_id: int, now: int, directory: str | None) -> dict[str, Any]:  # JSON
    """Return the wire format of a normalised activity, small enough to be delivered again as exported."""
    activity = to_wire(given, tenant_id, now, directory)
    size = len(msgspec.json.encode(activity))
    if size > _LARGEST:
        raise Invalid("record", f"{size} bytes in wire format", f"allowed: {_LARGEST} bytes")
    return activity


def entities(tenant_id: int, now: int, domains: Domains = ()) -> Convert:
    """Return a converter of entities; ``domains`` decide who is external if the record does not say."""

    def convert(given: dict[str, Any]) -> Record:
        found = entities_from(given, tenant_id, now)
        if domains and found["isExternal"] is None and found["idType"] == PERSON:
            is_external = own_domains.is_external(found["email"] or found["id"], domains)
            found = entities_from({**given, "isExternal": is_external}, tenant_id, now)
        return replace(entity_columns.record(found), arrived=now)

    return convert


def is_normalised(given: Mapping[str, Any]) -> bool:
    """Return whether an activity is in normalised form (connectors §2), judging by keys that the wire format lacks.

    Without any of the keys that every wire activity has, a single key or value type exclusive to the flat form is
    enough.
    """
    if "rawOperation" in given or "app" in given:
        return True
    keys = given.keys()
    return keys.isdisjoint(_WIRE_KEYS) and (
        not keys.isdisjoint(_FLAT_KEYS) or any(isinstance(given.get(name), str) for name in ("user", "userAgent"))
    )


def files(tenant_id: int, now: int, domains: Domains = ()) -> Convert:
    """Return a converter of files; ``domains`` decide whether a collaborator's address is external."""
    return lambda given: replace(file_columns.record(file_from(given, tenant_id, now, domains)), arrived=now)
