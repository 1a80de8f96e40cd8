"""The change feed as an ASGI application: authentication, parameters, long polling, response."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio
import msgspec
from anyio import to_thread
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from opencasb.api.feed import answers
from opencasb.api.feed.cursor import Cursors
from opencasb.api.feed.feeds import feeds
from opencasb.api.feed.polling import POLL_SECONDS, Polling
from opencasb.api.feed.usage import Interrupted
from opencasb.api.tenant_lines import TenantLines
from opencasb.api.v1 import encodings
from opencasb.api.v1.access_control import AccessControl
from opencasb.api.v1.asgi import respond
from opencasb.api.v1.call import Reply
from opencasb.api.v1.errors import BadRequest, Forbidden, MethodNotAllowed, NotFound
from opencasb.api.v1.parameters import Parameters

if TYPE_CHECKING:
    from opencasb.api.feed.feeds import Answer, Feed
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

USUAL_LIMIT: Final = 1_000
LARGEST_LIMIT: Final = 10_000
LONGEST_WAIT: Final = 30
"""Maximum long-poll wait, in seconds."""

CONCURRENT_READS: Final = 8
"""Reads of one tenant at a time, a fifth of the threads that serve everyone."""

CURSOR_HEADER: Final = "next-cursor"

GONE: Final = (
    "cursor: what follows it is no longer kept as it came; remove what you have of these days, or everything if they "
    "are null, and go on with this cursor"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parsed request: changes of ``feed`` after ``after``, at most ``limit``, waiting up to ``wait`` seconds."""

    feed: Feed
    principal: Principal
    after: int
    limit: int
    wait: int


class FeedApi:
    """Serves ``GET /feed/v1/<resource>``."""

    def __init__(
        self,
        casb: Casb,
        *,
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """``pause`` and ``seconds`` are the clock that waiting calls use."""
        self._feeds = feeds(casb)
        self._access_control = AccessControl(casb, casb.settings.feed_requests_per_minute)
        self._cursors = Cursors(casb.identity.vault)
        self._pause = pause
        self._seconds = seconds
        self._polling = Polling()
        self._lines = TenantLines(CONCURRENT_READS)
        self._is_stopping = False

    def stop(self) -> None:
        """Make waiting calls answer now, since the server is about to end."""
        self._is_stopping = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await respond(self._reply, scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        feed = self._feed(request)
        wanted = await to_thread.run_sync(self._wanted, request, feed)
        try:
            answer = await self._page(request, wanted)
        except Interrupted as interrupted:
            return await to_thread.run_sync(self._interrupted, wanted, interrupted)
        return await self._lines.run(wanted.principal.tenant_id, lambda: self._written(request, wanted, answer))

    def _feed(self, request: Request) -> Feed:
        segments = [segment for segment in request.scope["path"].split("/") if segment]
        if len(segments) != 3 or segments[:2] != ["feed", "v1"] or segments[2] not in self._feeds:
            raise NotFound
        if request.method != "GET":
            raise MethodNotAllowed(request.method, ("GET",))
        return self._feeds[segments[2]]

    def _wanted(self, request: Request, feed: Feed) -> Wanted:
        """Authorize the caller and parse the parameters; called in a thread."""
        principal = self._access_control.authorize(request, feed.operation)
        if not feed.admits(principal):
            raise Forbidden
        given = encodings.read(b"", "", request.scope.get("query_string", b""))
        return Wanted(
            feed,
            principal,
            after=self._start(feed, principal.tenant_id, given.text("cursor")),
            limit=min(_number(given, "limit", 1, USUAL_LIMIT), LARGEST_LIMIT),
            wait=_number(given, "wait", 0, 0, LONGEST_WAIT),
        )

    def _start(self, feed: Feed, tenant_id: int, cursor: str | None) -> int:
        """Return the position to start after: the cursor's, the beginning if there is no cursor, or the current end."""
        if cursor is None:
            return feed.beginning(tenant_id)
        if cursor == "now":
            return feed.newest(tenant_id)
        position = self._cursors.position(tenant_id, feed.name, cursor, feed.generations(tenant_id))
        if feed.is_ahead(tenant_id, position):
            raise BadRequest("cursor: it is ahead of the feed, because older data was restored; start without a cursor")
        return position

    async def _page(self, request: Request, wanted: Wanted) -> Answer:
        """Return the next changes as soon as there are any, or an empty answer after the wait."""
        end, after, tenant_id = self._seconds() + wanted.wait, wanted.after, wanted.principal.tenant_id
        with self._polling.call(tenant_id):
            while True:
                read = partial(wanted.feed.read, wanted.principal, after, wanted.limit)
                answer: Answer = await self._lines.run(tenant_id, read)
                if len(answer):
                    return answer
                if answer.position > after:  # only changes that this caller may not see
                    after = answer.position
                    continue
                if not await self._next_poll(request, tenant_id, end):
                    return answer

    async def _next_poll(self, request: Request, tenant_id: int, end: float) -> bool:
        """Wait for the next poll of a tenant's call that waits until ``end``; return whether there is one."""
        now = self._seconds()
        if now >= end:
            return False
        due = min(now + self._polling.interval(tenant_id), end)
        while now < due:
            if self._is_stopping or await request.is_disconnected():
                return False
            await self._pause(min(POLL_SECONDS, due - now))
            now = self._seconds()
        return True

    def _written(self, request: Request, wanted: Wanted, answer: Answer) -> Reply:
        """Encode the response; called in a thread."""
        cursor = self._cursor(wanted, answer.position)
        kind = answers.media_type(request.headers.get("accept", ""))
        if kind == answers.PARQUET:
            content = answer.parquet()
        else:
            content = answer.lines() + msgspec.json.encode({"cursor": cursor}) + b"\n"
        return Reply(content, kind, headers={CURSOR_HEADER: cursor})

    def _interrupted(self, wanted: Wanted, interrupted: Interrupted) -> Reply:
        """Tell a reader that the data after its position are gone, and how to resume; called in a thread."""
        cursor = self._cursor(wanted, interrupted.position)
        body = {"detail": GONE, "cursor": cursor, "days": interrupted.days}
        return Reply(msgspec.json.encode(body), "application/json", 410, {CURSOR_HEADER: cursor})

    def _cursor(self, wanted: Wanted, position: int) -> str:
        tenant_id, feed = wanted.principal.tenant_id, wanted.feed
        return self._cursors.text(tenant_id, feed.name, position, feed.generations(tenant_id)[0])


def _number(given: Parameters, name: str, least: int, usual: int, most: int | None = None) -> int:
    number = given.integer(name)
    if number is None:
        return usual
    if number < least or (most is not None and number > most):
        raise BadRequest(f"{name}: {number} is not allowed; allowed: {least} to {most or LARGEST_LIMIT}")
    return number
