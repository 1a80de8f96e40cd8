"""The REST API as an ASGI application; the only module of it, with the upload door, that knows ASGI."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec
import structlog
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from opencasb.api.v1 import encodings
from opencasb.api.v1.ascii_json import ascii_json
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import Broken, NoRoom, Refusal, TooLarge, Unavailable
from opencasb.api.v1.gate import Gate
from opencasb.api.v1.resources import ROUTES
from opencasb.api.v1.routes import Found, Router, canonical
from opencasb.api.v1.upload import UploadDoor
from opencasb.identity.host_alias import base_at
from opencasb.store.outage import outage_of

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

JSON: Final = "application/json"
LARGEST_BODY: Final = 4 * 1024 * 1024
"""Bytes of a body with parameters."""
SHORT_BODY: Final = 64 * 1024
"""Bytes that are read of anybody: a server has as much of each connection anyway."""

SECURITY_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}
"""On every answer."""

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")
_log = structlog.get_logger(__name__)


class RestApi:
    """Serves ``/api/…``, ``/cas/api/…`` and ``/upload/…``."""

    def __init__(self, casb: Casb, gate: Gate) -> None:
        self._casb = casb
        self._gate = gate
        self._router = Router(ROUTES)
        self._uploads = UploadDoor(casb)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            reply = await self._reply(request)
        except ClientDisconnect:
            return
        except Refusal as refusal:
            reply = refused(refusal)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client gets one clear answer
            reply = failed(request, error)
            await _read_to_the_end(request)
        headers = {**SECURITY_HEADERS, **reply.headers}
        await Response(reply.content, reply.status, headers, media_type=reply.media_type)(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        path = request.scope["path"]
        secret = path.lstrip("/").removeprefix("upload/")
        if secret != path.lstrip("/"):
            return await self._uploads.reply(request, secret.strip("/").rpartition("/")[2])
        found = self._router.find(request.method, canonical(_raw_path(request)))
        if _is_short(request):
            body = await limited_body(request, SHORT_BODY)
            return await to_thread.run_sync(self._answer, request, found, body)
        # So much is read only of a caller who may send it; what is short is not worth another thread.
        principal = await to_thread.run_sync(self._admit, request, found)
        body = await limited_body(request, found.route.takes_bytes or LARGEST_BODY)
        return await to_thread.run_sync(self._answer, request, found, body, principal)

    def _answer(self, request: Request, found: Found, body: bytes, principal: Principal | None = None) -> Reply:
        """Run a handler; called in a thread."""
        raw = bool(found.route.takes_bytes)
        call = Call(
            principal=principal or self._admit(request, found),
            method=request.method,
            path=found.variables,
            parameters=encodings.read(
                b"" if raw else body, request.headers.get("content-type", ""), request.scope.get("query_string", b"")
            ),
            base_url=self._base_url(request),
            body=body if raw else b"",
        )
        answer = found.handler(self._casb, call)
        reply = answer if isinstance(answer, Reply) else json_reply(answer)
        return replace(reply, content=ascii_json(reply.content)) if reply.media_type == JSON else reply

    def _admit(self, request: Request, found: Found) -> Principal:
        address = request.client.host if request.client else ""
        return self._gate.admit(request.headers.get("authorization"), address, found.route.operation)

    def _base_url(self, request: Request) -> str:
        """Return the configured public address, else the one the client used, if it can be one."""
        settings, host = self._casb.settings, request.headers.get("host", "")
        if alias := base_at(host, "", on=settings.host_alias):
            return alias
        if settings.public_url or not _HOST.fullmatch(host):
            return settings.effective_public_url
        return f"{request.scope['scheme']}://{host}"


def _raw_path(request: Request) -> str:
    """Return the path as the client escaped it: once it is decoded, nobody knows which slashes belong to an id."""
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    return raw.partition(b"?")[0].decode("utf-8", "replace")


def _is_short(request: Request) -> bool:
    """Tell whether a request says that it has a short body, or none."""
    length = request.headers.get("content-length", "0")
    known = "transfer-encoding" not in request.headers and length.isascii() and length.isdecimal() and len(length) < 10
    return known and int(length) <= SHORT_BODY


async def limited_body(request: Request, most: int) -> bytes:
    """Return the body of a request. Raises :class:`TooLarge` as soon as it is known to be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge
    return bytes(body)


async def _read_to_the_end(request: Request) -> None:
    """Drop what the client still sends: most clients look for an answer only when they have sent everything."""
    with suppress(ClientDisconnect, RuntimeError):  # it is gone; its body was read before
        async for _ in request.stream():
            pass


def failed(request: Request, error: Exception) -> Reply:
    """Return the answer to a request that an error of ours ended; the log has the rest."""
    outage, path = outage_of(error), request.url.path
    if path.lower().startswith("/upload/"):  # the rest is a credential
        path = "/upload/…"
    if outage is None:
        _log.error("request_failed", method=request.method, path=path, exc_info=error)
        return refused(Broken())
    _log.error("request_refused", method=request.method, path=path, reason=str(outage), error=repr(error))
    return refused((NoRoom if outage.trouble == "full" else Unavailable)(str(outage)))


def json_reply(value: object, status: int = 200) -> Reply:
    """Return ``value`` as JSON."""
    return Reply(msgspec.json.encode(value), JSON, status)


def refused(refusal: Refusal) -> Reply:
    """Return the answer that a refusal stands for."""
    return Reply(ascii_json(msgspec.json.encode(refusal.body)), JSON, refusal.status, refusal.headers)
