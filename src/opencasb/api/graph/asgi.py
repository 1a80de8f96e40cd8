"""The ASGI side: the only place of this API that knows HTTP's wire."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from opencasb.api.graph.batch import LARGEST_BODY
from opencasb.api.graph.exchange import COMMON_HEADERS, Call
from opencasb.api.graph.service import Service

if TYPE_CHECKING:
    from opencasb.app import Casb

SHORT_BODY: Final = 64 * 1024
"""Bytes that are read of anybody: a server has as much of each connection anyway."""


def graph_api(casb: Casb) -> ASGIApp:
    """Return the ASGI application of every path that begins with ``/beta`` or ``/v1.0``."""
    return GZipMiddleware(Endpoint(Service(casb)), compresslevel=4)


class Endpoint:
    """Hands each request to the service in a thread, because stores and lake block."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        try:
            call = await self._call(Request(scope, receive))
        except ClientDisconnect:
            return
        reply = await to_thread.run_sync(self._service.answer, call)
        headers = {**COMMON_HEADERS, **call.ids, **reply.headers, "Content-Type": reply.content_type}
        await Response(reply.content, reply.status, headers)(scope, receive, send)

    async def _call(self, request: Request) -> Call:
        # Proxies and servers may put a mount point in front; paths in links are those below it.
        raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        mounted = request.scope.get("root_path", "").encode()
        return Call(
            method=request.method,
            path=raw.partition(b"?")[0].removeprefix(mounted).decode("latin-1"),
            query=request.scope["query_string"].decode("latin-1"),
            headers={name: ", ".join(request.headers.getlist(name)) for name in request.headers},
            request_id=str(uuid.uuid4()),
            body=await self._body(request) if request.method == "POST" else b"",
        )

    async def _body(self, request: Request) -> bytes:
        """Read the body, but only as far as to know that it is too large, or its sender unknown."""
        chunks, most = bytearray(), SHORT_BODY
        async for chunk in request.stream():
            chunks += chunk
            if len(chunks) > most:
                known = await to_thread.run_sync(self._service.knows, request.headers.get("authorization"))
                if not known or len(chunks) > LARGEST_BODY:
                    break
                most = LARGEST_BODY
        return bytes(chunks)
