"""The change feed as an ASGI application: authentication, parameters, waiting, answer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import anyio
import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from opencasb.api.feed import answers, changes
from opencasb.api.feed.cursor import Cursors
from opencasb.api.v1 import parameters
from opencasb.api.v1.app import SECURITY_HEADERS, refused
from opencasb.api.v1.call import Reply
from opencasb.api.v1.errors import BadRequest, Broken, MethodNotAllowed, NotFound, Refusal
from opencasb.api.v1.gate import Gate

if TYPE_CHECKING:
    from opencasb.activities.exported import Resource
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

USUAL_LIMIT: Final = 1_000
LARGEST_LIMIT: Final = 10_000
LONGEST_WAIT: Final = 30
"""Seconds."""

LOOK_AGAIN: Final = 0.25
"""Seconds between two looks of a waiting call: other processes write, too, so nothing in this one could wake it."""

CURSOR_HEADER: Final = "next-cursor"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller asks for: changes of ``resource`` behind ``after``, at most ``limit``, within ``wait`` seconds."""

    resource: Resource
    principal: Principal
    after: int
    limit: int
    wait: int


class FeedApi:
    """Serves ``GET /feed/v1/<resource>``."""

    def __init__(
        self,
        casb: Casb,
        gate: Gate,
        cursors: Cursors,
        *,
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """``pause`` and ``seconds`` are the time that calls wait in."""
        self._casb = casb
        self._gate = gate
        self._cursors = cursors
        self._pause = pause
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            reply = await self._reply(request)
        except Refusal as refusal:
            reply = refused(refusal)
        except Exception:  # noqa: BLE001 -- whatever it is, the client gets one clear answer and the log the rest
            _log.exception("request_failed", method=request.method, path=request.url.path)
            reply = refused(Broken())
        headers = {**SECURITY_HEADERS, **reply.headers}
        await Response(reply.content, reply.status, headers, media_type=reply.media_type)(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        resource = _resource(request)
        wanted = await to_thread.run_sync(self._wanted, request, resource)
        page = await self._page(request, wanted)
        return await to_thread.run_sync(self._answer, request, wanted, page)

    def _wanted(self, request: Request, resource: Resource) -> Wanted:
        """Admit the caller and read the parameters; called in a thread."""
        address = request.client.host if request.client else ""
        operation = changes.OPERATIONS[resource]
        principal = self._gate.admit(request.headers.get("authorization"), address, operation)
        given = parameters.read(b"", "", request.scope.get("query_string", b""))
        return Wanted(
            resource,
            principal,
            after=self._start(resource, principal.tenant_id, given.text("cursor")),
            limit=min(_number(given, "limit", 1, USUAL_LIMIT), LARGEST_LIMIT),
            wait=_number(given, "wait", 0, 0, LONGEST_WAIT),
        )

    def _start(self, resource: Resource, tenant_id: int, cursor: str | None) -> int:
        """Return the place that a reader starts behind: that of the cursor, the beginning without one, or now."""
        if cursor is None:
            return 0
        last = changes.newest(self._casb, resource, tenant_id)
        if cursor == "now":
            return last
        place = self._cursors.place(tenant_id, resource, cursor)
        if place > last:
            raise BadRequest("cursor: it is ahead of the feed, for older data were restored; start without a cursor")
        return place

    async def _page(self, request: Request, wanted: Wanted) -> changes.Page:
        """Return the next changes as soon as there are some, or none after the wait."""
        end, after = self._seconds() + wanted.wait, wanted.after
        while True:
            page = await to_thread.run_sync(
                changes.page, self._casb, wanted.resource, wanted.principal, after, wanted.limit
            )
            if page.changes:
                return page
            if page.place > after:  # changes that this caller does not see
                after = page.place
                continue
            left = end - self._seconds()
            if left <= 0 or await request.is_disconnected():
                return page
            await self._pause(min(LOOK_AGAIN, left))

    def _answer(self, request: Request, wanted: Wanted, page: changes.Page) -> Reply:
        """Write the answer; called in a thread."""
        cursor = self._cursors.text(wanted.principal.tenant_id, wanted.resource, page.place)
        kind = answers.media_type(request.headers.get("accept", ""))
        if kind == answers.PARQUET:
            content = answers.parquet(page, wanted.resource)
        else:
            content = answers.ndjson(page, wanted.resource, cursor)
        return Reply(content, kind, headers={CURSOR_HEADER: cursor})


def _resource(request: Request) -> Resource:
    segments = [segment for segment in request.scope["path"].split("/") if segment]
    if len(segments) != 3 or segments[:2] != ["feed", "v1"] or segments[2] not in changes.OPERATIONS:
        raise NotFound
    if request.method != "GET":
        raise MethodNotAllowed(request.method, ("GET",))
    return cast("Resource", segments[2])


def _number(given: parameters.Parameters, name: str, least: int, usual: int, most: int | None = None) -> int:
    number = given.integer(name)
    if number is None:
        return usual
    if number < least or (most is not None and number > most):
        raise BadRequest(f"{name}: {number} is not allowed; allowed is {least} to {most or LARGEST_LIMIT}")
    return number
