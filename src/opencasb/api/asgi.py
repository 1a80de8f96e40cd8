"""Dispatch each path to the API that owns it: the top-level ASGI application.

Repeated slashes are collapsed here because clients send them to every API (api §1.1, identity §2); we never redirect to
a canonical path instead.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import anyio
from anyio import to_thread
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opencasb.store.outage import RETRY_AFTER

if TYPE_CHECKING:
    from opencasb.app import Casb

_BEGINNING: Final = re.compile(r"^(?:https?://[^/]*)?/*", re.IGNORECASE)
"""What may precede a path: a client that uses an HTTP proxy sends the absolute URL (RFC 9112 §3.2)."""
_TWO_LENGTHS: Final = frozenset({b"content-length", b"transfer-encoding"})
_LAST: Final = (b"connection", b"close")
"""Closes the connection: after a request with two lengths, what follows may be another caller's body (RFC 9112 §6.1).

A proxy that goes by the other length would hand our answer to the next caller.
"""

_ENCRYPTED_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
"""Tells browsers to use HTTPS only from now on; must not be sent over plain HTTP (RFC 6797 §7.2)."""

READY_SECONDS: Final = 5.0
"""How long a readiness probe waits for the database."""


Wrap = Callable[[str, ASGIApp], ASGIApp]
"""Wraps the application of a named API."""


class Dispatcher:
    """Dispatches on the first path segment; unclaimed paths go to the authorization server."""

    def __init__(self, casb: Casb, wrap: Wrap = lambda _, app: app) -> None:
        from opencasb.api.admin.app import AdminApi
        from opencasb.api.feed.app import FeedApi
        from opencasb.api.graph.asgi import graph_api
        from opencasb.api.login.routes import authorization_server
        from opencasb.api.reporting.app import ReportApi
        from opencasb.api.v1.app import RestApi
        from opencasb.portal import app as portal

        self._casb = casb
        rest, graph = wrap("rest", RestApi(casb)), wrap("graph", graph_api(casb))
        reports, pages = wrap("reports", ReportApi(casb)), wrap("portal", portal.build(casb))
        self._feed = FeedApi(casb)
        self._apps: dict[str, ASGIApp] = {
            "api": rest,
            "cas": rest,
            "upload": rest,
            "beta": graph,
            "v1.0": graph,
            "feed": wrap("feed", self._feed),
            "odata": reports,
            "export": reports,
            "admin": wrap("admin", AdminApi(casb)),
            "portal": pages,
            "": pages,  # people type just the server name
            "healthz": self._health,
            "readyz": self._ready,
        }
        self._login = wrap("login", authorization_server(casb.identity, casb.clock))
        self._asking: asyncio.Task[str | None] | None = None
        self._own_thread = anyio.CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        more = [_ENCRYPTED_ONLY] if scope["scheme"] == "https" else []
        if {name for name, _ in scope["headers"]} >= _TWO_LENGTHS:
            more.append(_LAST)
        raw = _tidy(scope["raw_path"].decode("latin-1")).encode("latin-1")
        scope = {**scope, "path": _tidy(scope["path"]), "raw_path": raw}
        segment = scope["path"].split("/", 2)[1].lower()
        await _serve(self._apps.get(segment, self._login), scope, receive, send, more)

    def stop(self) -> None:
        """Make waiting calls answer now, since the server is about to end."""
        self._feed.stop()

    async def _health(self, scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({"status": "ok"})(scope, receive, send)

    async def _ready(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = await self._known_problem()
        body = {"status": "ready"} if problem is None else {"status": "not ready", "problem": problem}
        await JSONResponse(body, 200 if problem is None else 503)(scope, receive, send)

    async def _known_problem(self) -> str | None:
        """Return the problem, if any, within ``READY_SECONDS``.

        A hung database may never answer, so only one probe runs at a time.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(to_thread.run_sync(self._problem, limiter=self._own_thread))
        if not (await asyncio.wait({self._asking}, timeout=READY_SECONDS))[0]:
            return f"the database has not answered for {READY_SECONDS:.0f} s"
        return self._asking.result()

    def _problem(self) -> str | None:
        import sqlalchemy as sa

        try:
            with self._casb.database.read() as connection:
                connection.execute(sa.select(1))
        except sa.exc.SQLAlchemyError as error:
            return f"the database does not answer: {type(error).__name__}"
        return None


async def _serve(app: ASGIApp, scope: Scope, receive: Receive, send: Send, more: list[tuple[bytes, bytes]]) -> None:
    """Serve one request, with ``more`` headers in its response.

    If the server ends before the response begins, the client is asked to repeat the request.
    """
    began = False

    async def sending(message: Message) -> None:
        nonlocal began
        began = True
        if more and message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    try:
        await app(scope, receive, sending)
    except asyncio.CancelledError:
        if began:
            raise
        body = {"detail": "the server is stopping; nothing of this was acknowledged, repeat it later"}
        await JSONResponse(body, 503, {"retry-after": str(RETRY_AFTER)})(scope, receive, sending)


def _tidy(path: str) -> str:
    return re.sub(r"/{2,}", "/", _BEGINNING.sub("/", path))
