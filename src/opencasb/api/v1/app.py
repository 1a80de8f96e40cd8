"""The REST API as an ASGI application: routes requests and runs their handlers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from opencasb.api.v1 import encodings
from opencasb.api.v1.access_control import AccessControl
from opencasb.api.v1.ascii_json import ascii_json
from opencasb.api.v1.asgi import JSON, json_reply, limited_body, respond
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.resources import ROUTES
from opencasb.api.v1.routes import Found, Router, canonical
from opencasb.api.v1.together import Together, attempted, settled
from opencasb.api.v1.upload import UploadEndpoint
from opencasb.discovery.compression import is_plain
from opencasb.identity.host_alias import base_at

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

LARGEST_BODY: Final = 4 * 1024 * 1024
"""Maximum size in bytes of a body with parameters."""
SHORT_BODY: Final = 64 * 1024
"""Bytes read from anybody, authenticated or not: the server buffers as much per connection anyway."""

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")

_Waiting = tuple[Request, Found, bytes]
"""A request, its route and its body."""


class RestApi:
    """Serves ``/api/…``, ``/cas/api/…`` and ``/upload/…``."""

    def __init__(self, casb: Casb) -> None:
        self._casb = casb
        self._authorize = AccessControl(casb, casb.settings.requests_per_minute).authorize
        self._router = Router(ROUTES)
        self._uploads = UploadEndpoint(casb)
        self._together = Together(self._answer_together)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await respond(self._reply, scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        path = request.scope["path"]
        secret = path.lstrip("/").removeprefix("upload/")
        if secret != path.lstrip("/"):
            return await self._uploads.reply(request, secret.strip("/").rpartition("/")[2])
        found = self._router.find(request.method, canonical(_raw_path(request)))
        if _is_short(request):
            body = await limited_body(request, SHORT_BODY)
            if found.route.together and is_plain(body[:4]):  # one that expands would hold up the others
                caller = request.headers.get("authorization")
                return await self._together((found.route.path, caller), (request, found, body))
            return await to_thread.run_sync(self._answer, request, found, body)
        # Authorize before reading a large body; a short one is not worth a second trip to a thread.
        principal = await to_thread.run_sync(self._authorize, request, found.route.operation)
        body = await limited_body(request, found.route.takes_bytes or LARGEST_BODY)
        return await to_thread.run_sync(self._answer, request, found, body, principal)

    def _answer(self, request: Request, found: Found, body: bytes, principal: Principal | None = None) -> Reply:
        """Run a handler; called in a thread."""
        principal = principal or self._authorize(request, found.route.operation)
        return _as_reply(found.handler(self._casb, self._call(request, found, body, principal)))

    def _answer_together(self, waiting: Sequence[_Waiting]) -> list[Reply | Exception]:
        """Run the handler of calls by one caller, who is authenticated once; called in a thread."""
        known: Principal | None = None

        def admitted(one: _Waiting) -> Call:
            nonlocal known
            request, found, body = one
            known = self._authorize(request, found.route.operation, known)
            return self._call(request, found, body, known)

        handler: Any = waiting[0][1].route.together
        answers = settled(partial(handler, self._casb), attempted(admitted, waiting))
        return [each if isinstance(each, Exception) else _as_reply(each) for each in answers]

    def _call(self, request: Request, found: Found, body: bytes, principal: Principal) -> Call:
        raw = bool(found.route.takes_bytes)
        return Call(
            principal=principal,
            method=request.method,
            path=found.variables,
            parameters=encodings.read(
                b"" if raw else body, request.headers.get("content-type", ""), request.scope.get("query_string", b"")
            ),
            base_url=self._base_url(request),
            body=body if raw else b"",
        )

    def _base_url(self, request: Request) -> str:
        """Return the configured public address, else the one the client used if it is plausible."""
        settings, host = self._casb.settings, request.headers.get("host", "")
        if alias := base_at(host, "", on=settings.host_alias):
            return alias
        if settings.public_url or not _HOST.fullmatch(host):
            return settings.effective_public_url
        return f"{request.scope['scheme']}://{host}"


def _as_reply(answer: object) -> Reply:
    reply = answer if isinstance(answer, Reply) else json_reply(answer)
    return replace(reply, content=ascii_json(reply.content)) if reply.media_type == JSON else reply


def _raw_path(request: Request) -> str:
    """Return the path still percent-encoded: once decoded, slashes inside an id cannot be told from separators."""
    raw: bytes = request.scope["raw_path"]
    return raw.partition(b"?")[0].decode("utf-8", "replace")


def _is_short(request: Request) -> bool:
    """Return whether a request announces a short body or none."""
    length = request.headers.get("content-length", "0")
    known = "transfer-encoding" not in request.headers and length.isascii() and length.isdecimal() and len(length) < 10
    return known and int(length) <= SHORT_BODY
