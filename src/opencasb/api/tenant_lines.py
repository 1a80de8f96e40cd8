"""A line for each tenant, so that the requests of one cannot take every thread of the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakValueDictionary

from anyio import CapacityLimiter, to_thread

Result = TypeVar("Result")


class TenantLines:
    """The tenants that have requests at work: of each, only some are worked on while the others wait in its line."""

    def __init__(self, at_once: int) -> None:
        """Work on ``at_once`` requests of a tenant concurrently."""
        self._at_once = at_once
        self._lines: WeakValueDictionary[int, CapacityLimiter] = WeakValueDictionary()

    def of(self, tenant_id: int) -> CapacityLimiter:
        """Return the line of a tenant; it is kept only while somebody is in it."""
        line = self._lines.get(tenant_id)
        if line is None:
            line = self._lines[tenant_id] = CapacityLimiter(self._at_once)
        return line

    async def run(self, tenant_id: int, work: Callable[[], Result]) -> Result:
        """Run ``work`` in one of the threads that serve everyone, once it is its turn among the tenant's."""
        async with self.of(tenant_id):
            return await to_thread.run_sync(work)
