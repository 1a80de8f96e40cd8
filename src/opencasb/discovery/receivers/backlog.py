"""How the room for syslog lines on disk is shared between tenants, so that no tenant's flood stops the others.

Half of the room is for whoever needs it. The other half is kept free in equal shares, one for each tenant with syslog
sources: lines that fit into the share of their tenant are always taken.
"""

from __future__ import annotations

from collections.abc import Mapping


class Backlog:
    """The bytes that wait in the journals, by tenant."""

    def __init__(self, most_bytes: int) -> None:
        """Allow ``most_bytes`` in total."""
        self._most_bytes = most_bytes
        self._waiting: dict[int, int] = {}
        self._share = 0.0
        self._beyond = 0.0
        """Bytes that tenants have beyond their shares."""

    def count(self, waiting: Mapping[int, int]) -> None:
        """Replace what is known by the bytes that wait now, for each tenant with syslog sources."""
        self._waiting = dict(waiting)
        self._share = self._most_bytes / 2 / max(1, len(waiting))
        self._beyond = sum(max(0.0, each - self._share) for each in waiting.values())

    def add(self, tenant_id: int, size: int) -> None:
        """Count bytes that came."""
        before = self._waiting.get(tenant_id, 0)
        self._waiting[tenant_id] = before + size
        self._beyond += max(0.0, before + size - self._share) - max(0.0, before - self._share)

    def is_full(self, tenant_id: int) -> bool:
        """Whether no more lines of a tenant are accepted until some have been handed over."""
        return self._waiting.get(tenant_id, 0) >= self._share and self._beyond >= self._most_bytes / 2
