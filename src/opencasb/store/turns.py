"""Fair scheduling: the tenant that has waited longest is next, and likewise among its data sources.

So no backlog of files holds up other data sources, and no number of data sources other tenants. For the deliveries of
notices, channels take the place of data sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

REMEMBERED: Final = 10_000
"""Most data sources, and tenants, whose last turn is remembered; the others are ordered by their oldest upload."""

Source = tuple[int, str | None]
"""Tenant id and stream or channel id."""

Key = TypeVar("Key")


class Turns:
    """When this process last served each tenant and data source."""

    def __init__(self) -> None:
        self._sources: dict[Source, int] = {}
        self._tenants: dict[int, int] = {}

    def order(self, waiting: Mapping[Source, int]) -> list[Source]:
        """Return the waiting sources, given with the arrival (ms) of their oldest upload, in the order of their turns.

        A source or tenant has waited since it was last served or, if later, since its oldest upload arrived. So neither
        a large backlog nor a stream of new sources keeps others from their turn.
        """
        oldest: dict[int, int] = {}
        for (tenant_id, _), came in waiting.items():
            oldest[tenant_id] = min(came, oldest.get(tenant_id, came))

        def since(source: Source) -> tuple[int, int, int]:
            tenant_id, came = source[0], waiting[source]
            tenant_since = max(oldest[tenant_id], self._tenants.get(tenant_id, 0))
            return tenant_since, max(came, self._sources.get(source, 0)), came

        return sorted(waiting, key=since)

    def served(self, source: Source, now: int) -> None:
        """Record that a source had its turn at ``now`` (ms)."""
        _note(self._sources, source, now)
        _note(self._tenants, source[0], now)


def _note(served: dict[Key, int], key: Key, now: int) -> None:
    served.pop(key, None)
    served[key] = now
    if len(served) > REMEMBERED:
        del served[next(iter(served))]
