"""One HTTP exchange as plain request and reply; the only module of this API that knows ASGI."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import msgspec
import structlog
from anyio import CapacityLimiter, move_on_after, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from opencasb.identity import sign_in
from opencasb.identity.errors import ABOUT_THE_USER, OAuthError
from opencasb.identity.forms import LARGEST, parse_form
from opencasb.model.id_forms import is_guid
from opencasb.portal.page import render
from opencasb.store.outage import RETRY_AFTER, outage_of

COMMON_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
NOT_STORED: Final = {"cache-control": "no-store, no-cache", "pragma": "no-cache", "expires": "-1"}
PUBLIC: Final = {"cache-control": "public, max-age=86400", "access-control-allow-origin": "*"}
JSON: Final = "application/json; charset=utf-8"
THREADS: Final = max(4, os.cpu_count() or 1)
"""Requests served concurrently: few, so that a flood of them leaves the APIs their share of the processor."""
PROVIDER_REQUESTS: Final = 32
"""Requests that may wait concurrently for a tenant's own provider, each until its timeout."""

_ECHOED = re.compile(r"[!-~]{1,64}")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """A request. ``tenant`` is the first path segment; ``client_request_id`` is echoed, empty if unsafe to echo."""

    method: str
    path: str
    tenant: str
    query: Mapping[str, str]
    cookies: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    address: str
    trace_id: str
    client_request_id: str

    @property
    def correlation_id(self) -> str:
        """The client's request id if it is a GUID, else our trace id."""
        return self.client_request_id if is_guid(self.client_request_id.lower()) else self.trace_id


@dataclass(frozen=True, slots=True)
class Reply:
    """A response with a JSON body, or a page as text; no body if ``content`` is None."""

    content: Mapping[str, Any] | str | None  # any JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


TOO_MANY: Final = OAuthError(90055, "Too many sign-ins at the moment. Try again.", retry_after=5)


class ThreadLimits:
    """Limits on concurrently served requests; those with a password queue separately.

    They queue here rather than in threads, because threads blocked on password checks would be missing elsewhere.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._all = CapacityLimiter(threads)
        self._passwords = CapacityLimiter(sign_in.CONCURRENT_CHECKS)

    async def run(self, call: Call, work: Callable[[], Reply]) -> Reply | None:
        """Answer a call in a thread; None if its turn does not come in time."""
        if not _brings_a_name(call):
            return await to_thread.run_sync(work, limiter=self._all)
        with move_on_after(sign_in.QUEUE_TIMEOUT) as waiting:
            await self._passwords.acquire()
        if waiting.cancelled_caught:
            return None
        try:
            return await to_thread.run_sync(work)
        finally:
            self._passwords.release()


def _brings_a_name(call: Call) -> bool:
    """Return whether a password may have to be checked; only a user name, in any encoding, leads to that."""
    if call.method != "POST":
        return False
    if call.path.endswith(("/login", "/login/password")):
        return True
    try:
        return "username" in parse_form(call.headers.get("content-type"), call.body)
    except OAuthError:
        return False


class Endpoint:
    """The ASGI side of a handler: reads the request, runs the handler in a thread, renders refusals (identity §8)."""

    def __init__(
        self, handler: Handler, clock: Callable[[], int], allow: tuple[str, ...], limits: ThreadLimits
    ) -> None:
        self._handler = handler
        self._clock = clock
        self._allow = allow
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            call = _call(request, await _body(request))
        except ClientDisconnect:
            return
        reply = await self._limits.run(call, partial(self._answer, call)) or self._refused(TOO_MANY, call)
        await _response(call, reply)(scope, receive, send)

    def _answer(self, call: Call) -> Reply:
        try:
            if call.method not in self._allow:
                raise OAuthError(900561, f"The endpoint accepts {' and '.join(self._allow)} requests only.")
            if "\0" in call.path or any("\0" in text for pair in call.query.items() for text in pair):
                raise OAuthError(90013, "The address contains the character NUL.")
            return self._handler(call)
        except OAuthError as refusal:
            return self._refused(refusal, call)
        except Exception as error:
            outage = outage_of(error)
            if outage is None:
                raise
            _log.error("sign-in refused", path=call.tenant, reason=str(outage), error=repr(error))
            return Reply(
                {"error": "temporarily_unavailable", "error_description": f"Try again later: {outage}."},
                503,
                {**NOT_STORED, "retry-after": str(RETRY_AFTER)},
            )

    def _refused(self, refusal: OAuthError, call: Call) -> Reply:
        """Render a refusal for applications."""
        headers = dict(NOT_STORED)
        if refusal.status == 405:
            headers["allow"] = ", ".join(self._allow)
        if refusal.status == 401 and "authorization" in call.headers:  # RFC 6749 §5.2
            headers["www-authenticate"] = 'Basic realm="token"'
        if refusal.retry_after is not None:
            headers["retry-after"] = str(refusal.retry_after)
        return Reply(refusal.body(self._clock(), call.trace_id, call.correlation_id), refusal.status, headers)


class PageEndpoint(Endpoint):
    """An endpoint for people: refusals are pages."""

    def _refused(self, refusal: OAuthError, call: Call) -> Reply:
        headers = {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}
        other = refusal.code in ABOUT_THE_USER
        made = render("error.html.j2", refusal.status, text=str(refusal), trace_id=call.trace_id, other_account=other)
        return Reply(made.content, made.status, {**made.headers, **headers})


async def _body(request: Request) -> bytes:
    """Read the body, but stop once it is known to be too large."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > LARGEST:
            break
    return bytes(chunks)


def _call(request: Request, body: bytes) -> Call:
    # MSAL for JavaScript sends its request id in the query. Echo it only if it is safe in a header.
    given = request.headers.get("client-request-id") or request.query_params.get("client-request-id", "")
    return Call(
        method=request.method,
        path=request.url.path,
        tenant=request.path_params.get("tenant", ""),
        query=request.query_params,
        cookies=request.cookies,
        headers=request.headers,
        body=body,
        address=request.client.host if request.client else "",
        trace_id=str(uuid.uuid4()),
        client_request_id=given if _ECHOED.fullmatch(given) else "",
    )


def _response(call: Call, reply: Reply) -> Response:
    headers = {**COMMON_HEADERS, **reply.headers, "x-ms-request-id": call.trace_id}
    if "origin" in call.headers and isinstance(reply.content, Mapping):  # for scripts in pages; cookies are not sent
        headers.setdefault("access-control-allow-origin", "*")
    if call.client_request_id:
        headers["client-request-id"] = call.client_request_id
    if isinstance(reply.content, str):
        return Response(reply.content, reply.status, headers)
    content = b"" if reply.content is None else msgspec.json.encode(reply.content)
    return Response(content, reply.status, headers, media_type=None if reply.content is None else JSON)
