"""Look up what IP ranges and IP tags say about an address (connectors §6.1).

Ranges are flattened into disjoint, sorted intervals in which the longest prefix has won, so a look-up is a single
bisection. Measured with 100,000 ranges on one core of a busy machine: 6 µs per look-up, half of it for parsing the
text, and 0.9 s to build the index.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from opencasb.catalog.networks import AddressTable, Prefix, disjoint
from opencasb.model.ip_block import IpBlock, ip_number
from opencasb.store.ip_tags import category_of

if TYPE_CHECKING:
    from opencasb.store.ip_ranges import IpRanges

PROVIDER_TAGS: Final[Mapping[int, str]] = {
    11599: "000000290000000000000000",  # Amazon Web Services
    12260: "0000002a0000000000000000",  # Microsoft Azure
}
"""App of a published address list → its built-in tag, for lists whose meaning matches the tag."""

MOST_INDEXES: Final = 500
"""Most tenants whose index is kept; that of the tenant indexed longest ago goes first."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is known about an address.

    ``name`` is that of the tenant's own range, empty if only built-in tags apply; ``tags`` are ids. ``organization``
    and ``location`` (a wire object) override other sources unless None.
    """

    name: str
    category: int
    tags: tuple[str, ...]
    organization: str | None = None
    location: Mapping[str, Any] | None = None  # JSON


class RangeIndex:
    """A snapshot of a tenant's ranges combined with the providers' address lists; safe to share between threads."""

    def __init__(self, ranges: Iterable[Mapping[str, Any]] = (), providers: AddressTable | None = None) -> None:
        """Index wire records (api §11.3). ``providers`` maps an address to the app that it belongs to."""
        self._providers = providers
        self._ranges: list[Range] = []
        prefixes = []
        for at, record in enumerate(ranges):
            self._ranges.append(_range(record))
            blocks = [IpBlock.of(subnet["address"], subnet["mask"]) for subnet in record["subnets"]]
            prefixes += [Prefix(block.first, block.last, at) for block in blocks]
        intervals = disjoint(prefixes)
        self._firsts = [interval.first for interval in intervals]
        self._lasts = [interval.last for interval in intervals]
        self._at = [interval.app_id for interval in intervals]

    def find(self, address: str) -> Range | None:
        """Return what is known about an address in text form; None if nothing is, or if it is not an address."""
        number = ip_number(address)
        if number is None:
            return None
        place = bisect_right(self._firsts, number) - 1
        own = self._ranges[self._at[place]] if place >= 0 and number <= self._lasts[place] else None
        tag = self._provider_tag(address)
        if tag is None:
            return own
        if own is None:
            return Range("", category_of([tag]), (tag,))
        return own if tag in own.tags else replace(own, tags=(*own.tags, tag))

    def _provider_tag(self, address: str) -> str | None:
        if self._providers is None:
            return None
        (app_id,) = self._providers.match([address])
        return None if app_id is None else PROVIDER_TAGS.get(app_id)


class RangeIndexes:
    """The current index of each tenant, cached until the tenant's ranges change."""

    def __init__(self, ranges: IpRanges, providers: AddressTable | None = None) -> None:
        self._ranges = ranges
        self._providers = providers
        self._kept: dict[int, tuple[int, RangeIndex]] = {}
        self._lock = threading.Lock()

    def of(self, tenant_id: int) -> RangeIndex:
        """Return an index that includes every change committed before this call."""
        revision = self._ranges.revision(tenant_id)
        kept = self._kept.get(tenant_id)
        if kept is not None and kept[0] == revision:
            return kept[1]
        with self._lock:
            # Read the revision before the ranges, so that a change in between triggers a reload next time.
            revision = self._ranges.revision(tenant_id)
            kept = self._kept.get(tenant_id)
            if kept is None or kept[0] != revision:
                kept = revision, RangeIndex(self._ranges.all(tenant_id), self._providers)
                self._kept.pop(tenant_id, None)
                self._kept[tenant_id] = kept
                if len(self._kept) > MOST_INDEXES:
                    del self._kept[next(iter(self._kept))]
        return kept[1]


def _range(record: Mapping[str, Any]) -> Range:  # a wire record
    return Range(
        name=record["name"],
        category=record["category"],
        tags=tuple(tag["id"] for tag in record["tags"]),
        organization=record["organization"] if record.get("overrideOrganization", True) else None,
        location=record["location"] if record.get("overrideLocation", True) else None,
    )
