"""The administration API as an ASGI application: for people with full access, by API token or bearer token."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from opencasb.api.admin.resources import ROUTES
from opencasb.api.tenant_lines import TenantLines
from opencasb.api.v1 import encodings
from opencasb.api.v1.access_control import AccessControl
from opencasb.api.v1.asgi import json_reply, limited_body, respond
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.callers import administrator
from opencasb.api.v1.errors import NotFound, Refusal
from opencasb.api.v1.routes import Found, Route, Router

if TYPE_CHECKING:
    from opencasb.app import Casb

LARGEST_BODY: Final = 256 * 1024
"""Maximum body size in bytes; the largest thing sent here is a certificate."""
CONCURRENT_FETCHES: Final = 2
"""Calls per tenant that may wait for other servers concurrently."""
PREFIX: Final = ["admin", "v1"]


class AdminApi:
    """Serves ``/admin/v1/…``."""

    def __init__(self, casb: Casb) -> None:
        self._casb = casb
        self._access_control = AccessControl(casb, casb.settings.requests_per_minute)
        self._router = Router(ROUTES)
        self._lines = TenantLines(CONCURRENT_FETCHES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await respond(self._reply, scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        route = self._route(request)
        takes_bytes = 0 if route is None else route.takes_bytes
        body = b"" if takes_bytes else await limited_body(request, LARGEST_BODY)
        if route is None or not (takes_bytes or route.asks_others):
            return await to_thread.run_sync(lambda: self._answer(*self._authorize(request, body)))
        found, call = await to_thread.run_sync(self._authorize, request, body)
        if takes_bytes:  # read large bodies only from authorized callers
            call = replace(call, body=await limited_body(request, takes_bytes))
        # As a limiter, a line has its own threads, apart from those that serve everyone.
        line = self._lines.of(call.tenant_id) if route.asks_others else None
        return await to_thread.run_sync(self._answer, found, call, limiter=line)

    def _route(self, request: Request) -> Route | None:
        try:
            return self._router.find(request.method, _below(request.scope["path"])).route
        except Refusal:  # raised again after authentication
            return None

    def _authorize(self, request: Request, body: bytes) -> tuple[Found, Call]:
        """Return the route and call of a caller with full access; called in a thread."""
        principal = self._access_control.authorize(request, None)
        found = self._router.find(request.method, _below(request.scope["path"]))
        call = Call(
            principal=principal,
            method=request.method,
            path=found.variables,
            parameters=encodings.read(
                body, request.headers.get("content-type", ""), request.scope.get("query_string", b"")
            ),
            base_url="",
        )
        administrator(self._casb, call)
        return found, call

    def _answer(self, found: Found, call: Call) -> Reply:
        """Run a handler; called in a thread."""
        answer = found.handler(self._casb, call)
        return answer if isinstance(answer, Reply) else json_reply(answer)


def _below(path: str) -> str:
    segments = [segment for segment in path.split("/") if segment]
    if [segment.lower() for segment in segments[:2]] != PREFIX:
        raise NotFound
    return "/".join(segments[2:])
