"""Talking to an ASGI application in process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp

FORM = "application/x-www-form-urlencoded"


def send(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    address: str = "192.0.2.1",
    **body: Any,  # what httpx takes: content, data, params
) -> httpx.Response:
    """Send one request to ``app`` as if from ``address``."""

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost:8443") as client:
            return await client.request(method, path, headers=headers, **body)

    return asyncio.run(exchange())
