"""The ASGI adapter, the only module of this API that deals with HTTP on the wire."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.middleware.cors import CORSMiddleware
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
"""Bytes read from anybody, authenticated or not: the server buffers as much per connection anyway."""

TOLD_TO_SCRIPTS: Final = (
    "request-id",
    "client-request-id",
    "Retry-After",
    "Preference-Applied",
    "OData-Version",
    "WWW-Authenticate",
)
"""Response headers that a page of another origin may read, besides those that are always readable."""


def graph_api(casb: Casb) -> ASGIApp:
    """Return the ASGI application for every path that begins with ``/beta`` or ``/v1.0``.

    Single-page applications of any origin may call it (identity §9): it reads no cookies, only access tokens.
    """
    packed = GZipMiddleware(Endpoint(Service(casb)), compresslevel=4)
    return CORSMiddleware(
        packed,
        allow_origins=["*"],
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=TOLD_TO_SCRIPTS,
        max_age=86_400,
    )


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
        # Proxies and servers may prepend a mount point; links are relative to it.
        raw: bytes = request.scope["raw_path"]
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
        """Read the body, but stop once it is known to be too large or its sender to be unknown."""
        chunks, most = bytearray(), SHORT_BODY
        async for chunk in request.stream():
            chunks += chunk
            if len(chunks) > most:
                known = await to_thread.run_sync(self._service.knows, request.headers.get("authorization"))
                if not known or len(chunks) > LARGEST_BODY:
                    break
                most = LARGEST_BODY
        return bytes(chunks)
