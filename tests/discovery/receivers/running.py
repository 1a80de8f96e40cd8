"""Running receivers, their data sources and senders."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from opencasb.app import Casb
from opencasb.model.stream import Stream, StreamType

LINES = b"one\ntwo\n"


def add(casb: Casb, name: str, receiver: str, *, tenant_id: int = 0, **fields: Any) -> Stream:
    """Add a data source, by default of the only tenant."""
    if not tenant_id:
        (tenant,) = casb.tenants.all()
        tenant_id = tenant.tenant_id
    fields = {"source": "SQUID_NATIVE", "receiver": receiver, **fields}
    return casb.streams.create(tenant_id, name, StreamType.INPUT, **fields)


@contextlib.asynccontextmanager
async def receiving(casb: Casb) -> AsyncIterator[None]:
    """Run the receivers until the block ends, like the server."""
    task = asyncio.create_task(casb.receivers.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 -- there is no event to wait for
            await asyncio.sleep(0.005)


async def connected(port: int, sender: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect as soon as the port listens."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port, local_addr=(sender, 0))
            except OSError:
                await asyncio.sleep(0.005)
