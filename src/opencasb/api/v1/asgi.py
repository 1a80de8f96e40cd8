"""The ASGI side of our own APIs: reads bodies, sends replies and refusals."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from opencasb.api.v1.ascii_json import ascii_json
from opencasb.api.v1.call import Reply
from opencasb.api.v1.errors import InsufficientStorage, InternalError, Refusal, TooLarge, Unavailable
from opencasb.store.outage import outage_of

JSON: Final = "application/json"

SECURITY_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Sent with every response."""

_log = structlog.get_logger(__name__)


async def respond(reply_to: Callable[[Request], Awaitable[Reply]], scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one request with its reply, or with the refusal raised instead."""
    request = Request(scope, receive)
    try:
        reply = await reply_to(request)
    except ClientDisconnect:
        return
    except Refusal as refusal:
        reply = _refused(refusal)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the client gets one clear answer
        reply = _failed(request, error)
        await _read_to_the_end(request)
    headers = {**SECURITY_HEADERS, **reply.headers}
    response = Response(reply.content, reply.status, headers, media_type=reply.media_type)
    for challenge in reply.challenges:  # one line each: not every client parses a combined header (identity §8)
        response.headers.append("www-authenticate", challenge)
    await response(scope, receive, send)


async def limited_body(request: Request, most: int) -> bytes:
    """Return the body of a request. Raises :class:`TooLarge` as soon as it exceeds ``most`` bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge
    return bytes(body)


async def _read_to_the_end(request: Request) -> None:
    """Discard what the client is still sending: most clients read the response only after sending everything."""
    with suppress(ClientDisconnect, RuntimeError):  # client disconnected; body already read
        async for _ in request.stream():
            pass


def _failed(request: Request, error: Exception) -> Reply:
    """Return the response to a request that failed on our side; details go to the log."""
    outage, path = outage_of(error), request.url.path
    if path.lower().startswith("/upload/"):  # the rest is a credential
        path = "/upload/…"
    if outage is None:
        _log.error("request_failed", method=request.method, path=path, exc_info=error)
        return _refused(InternalError())
    _log.error("request_refused", method=request.method, path=path, reason=str(outage), error=repr(error))
    return _refused((InsufficientStorage if outage.trouble == "full" else Unavailable)(str(outage)))


def json_reply(value: object, status: int = 200) -> Reply:
    """Return ``value`` as JSON."""
    return Reply(msgspec.json.encode(value), JSON, status)


def _refused(refusal: Refusal) -> Reply:
    """Return the response for a refusal."""
    content = ascii_json(msgspec.json.encode(refusal.body))
    return Reply(content, JSON, refusal.status, refusal.headers, refusal.challenges)
