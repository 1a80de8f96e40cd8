"""How each kind of delivered record becomes what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from opencasb.activities import columns, entity_columns, file_columns
from opencasb.activities.enrichment import Enrichment
from opencasb.activities.normalised import to_wire
from opencasb.activities.wire import complete

if TYPE_CHECKING:
    from opencasb.activities.enrichment import Placing, Ranges
    from opencasb.activities.ingest import Convert, Reader
    from opencasb.store.records import Record


def activities(ranges: Callable[[int], Ranges], places: Placing) -> Reader:
    """Return how activities are read: brought into wire form, enriched, and given their columns.

    ``ranges`` gives the IP ranges of a tenant.
    """

    def reader(tenant_id: int, now: int) -> Convert:
        known = Enrichment(ranges(tenant_id), places)

        def convert(given: dict[str, Any]) -> Record:
            to_complete = to_wire if is_normalised(given) else complete
            return columns.to_record(known.enrich(to_complete(given, tenant_id, now)))

        return convert

    return reader


def entities(tenant_id: int, now: int) -> Convert:
    """Return how the entities of a tenant are read."""
    return lambda given: entity_columns.record(entity_columns.entities_from(given, tenant_id, now))


def is_normalised(given: Mapping[str, Any]) -> bool:
    """Tell whether an activity is in the form of connectors §2, by keys that the wire form does not have."""
    return "rawOperation" in given or "app" in given


def files(tenant_id: int, now: int) -> Convert:
    """Return how the files of a tenant are read."""
    return lambda given: file_columns.record(file_columns.file_from(given, tenant_id, now))
