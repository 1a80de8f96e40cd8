"""Report data as an ASGI application: transport security, authentication, throttling, responses.

Refusals always take the form of OData errors; unencrypted connections are accepted from this machine only.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from opencasb.api.graph.errors import (
    Forbidden,
    GraphError,
    MethodNotAllowed,
    NotFound,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from opencasb.api.reporting import export, odata
from opencasb.api.reporting.parameters import ReportRequest
from opencasb.api.tenant_lines import TenantLines
from opencasb.identity.challenge import bearer_challenge
from opencasb.identity.errors import OAuthError, Unauthenticated
from opencasb.identity.throttle import Throttle
from opencasb.model.rights import permits
from opencasb.reporting.reader import Reader
from opencasb.store.outage import RETRY_AFTER, outage_of

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

COMMON_HEADERS: Final = {
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Authorization, Accept-Encoding",
}

CONCURRENT_READS: Final = 8
"""Requests of one tenant answered at a time, a fifth of the threads that serve everyone."""

_ROOTS: Final = (odata.ROOT, export.ROOT)
_METHODS: Final = ("GET", "HEAD")

_log = structlog.get_logger(__name__)


class ReportApi:
    """Serves ``/odata/v1/…`` and ``/export/v1/…``."""

    def __init__(self, casb: Casb) -> None:
        self._casb = casb
        self._throttle = Throttle(casb.settings.feed_requests_per_minute)
        self._lines = TenantLines(CONCURRENT_READS)
        self._base = casb.settings.effective_public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        try:
            root, path = _address(request)
            reader = await to_thread.run_sync(self._reader, request)
            response = await self._lines.run(reader.tenant_id, partial(self._answer, request, root, path, reader))
        except GraphError as error:
            response = _refused(error)
            for challenge in self._challenges if isinstance(error, Unauthorized) else ():
                response.headers.append("WWW-Authenticate", challenge)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client gets one clear answer
            response = _refused(_failure(request, error))
        await response(scope, receive, send)

    def _answer(self, request: Request, root: str, path: str, reader: Reader) -> Response:
        """Answer an authorized caller; called in a thread."""
        asked = ReportRequest(
            tables=self._casb.report_tables,
            reader=reader,
            base=self._base,
            path=path,
            query=request.scope["query_string"].decode("latin-1"),
            accept=request.headers.get("accept", ""),
        )
        return _feed(request, asked) if root == odata.ROOT else _file(request, asked)

    def _reader(self, request: Request) -> Reader:
        """Authorize the caller; called in a thread."""
        address = request.client.host if request.client else ""
        if request.scope.get("scheme") != "https" and not _is_here(address):
            raise Forbidden("Report data is served over encrypted connections only: use https.")
        principal = self._principal(request.headers.get("authorization"), address)
        if not permits(principal, "reports.view"):
            raise Forbidden(
                "The caller has insufficient privileges: a report credential, discovery.read or "
                "CloudApp-Discovery.Read.All is needed."
            )
        return Reader(principal.tenant_id, principal.stream_ids, permits(principal, "reports.view_users"))

    def _principal(self, authorization: str | None, address: str) -> Principal:
        try:
            principal = self._casb.identity.report_access.authenticate(authorization, address)
        except Unauthenticated as error:
            self._count("address", address)
            text = "no credentials" if error.reason == "missing" else "no valid credentials"
            hint = f" {error.hint}" if error.hint else ""
            raise Unauthorized(f"The request has {text}.{hint}") from None
        except OAuthError as error:
            raise TooManyRequests(error.text, error.retry_after or RETRY_AFTER) from None
        self._count("tenant", str(principal.tenant_id))
        return principal

    @property
    def _challenges(self) -> tuple[str, ...]:
        return 'Basic realm="OpenCASB reports", charset="UTF-8"', "Token", bearer_challenge(self._base)

    def _count(self, *key: str) -> None:
        seconds = self._throttle.count(*key)
        if seconds is not None:
            raise TooManyRequests("There are too many requests for report data; try again later.", seconds)


def _address(request: Request) -> tuple[str, str]:
    """Return the root and the path below it, still percent-encoded. Raises NotFound and MethodNotAllowed."""
    raw: bytes = request.scope["raw_path"]
    path = raw.partition(b"?")[0].decode("latin-1")
    root = next((root for root in _ROOTS if f"{path}/".startswith(root)), None)
    if root is None:
        raise NotFound(f"There is nothing here; report data is below {' and '.join(_ROOTS)}.")
    if request.method not in _METHODS:
        raise MethodNotAllowed(request.method, ", ".join(_METHODS))
    return root, path[len(root) :]


def _feed(request: Request, asked: ReportRequest) -> Response:
    reply = odata.answer(asked)
    etag = f'W/"{sha256(reply.content).hexdigest()[:32]}"'
    headers = {"OData-Version": "4.0", "ETag": etag, "Content-Type": reply.content_type, **reply.headers}
    return _unless_known(request, headers, [reply.content], len(reply.content))


def _file(request: Request, asked: ReportRequest) -> Response:
    found = export.answer(asked)
    return _unless_known(request, dict(found.headers), found.content)


def _unless_known(
    request: Request, headers: dict[str, str], content: Iterable[bytes], length: int | None = None
) -> Response:
    """Return a response, gzipped if accepted; 304 if the client already has it, headers only for HEAD."""
    headers = {**COMMON_HEADERS, **headers}
    if _has(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(b"", 304, {name: value for name, value in headers.items() if name != "Content-Type"})
    if _takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        content, length = export.gzipped(content), None
    if length is not None:
        headers["Content-Length"] = str(length)
    if request.method == "HEAD":
        return StreamingResponse(iter(()), 200, headers)
    return StreamingResponse(iter(content), 200, headers)


def _has(known: str, etag: str) -> bool:
    return known.strip() == "*" or etag in {each.strip() for each in known.split(",")}


def _takes_gzip(accepted: str) -> bool:
    for each in accepted.lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        if name == "gzip":
            return not any(part.replace(" ", "") in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for part in parameters)
    return False


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _refused(error: GraphError) -> Response:
    content = msgspec.json.encode({"error": {"code": error.code, "message": str(error)}})
    headers = {"OData-Version": "4.0", "Content-Type": "application/json", **COMMON_HEADERS, **error.headers}
    return Response(content, error.status, headers)


def _failure(request: Request, error: Exception) -> GraphError:
    """Return what the caller is told about an internal error; details go to the log."""
    outage = outage_of(error)
    if outage is not None:
        _log.error("report data refused", path=request.url.path, reason=str(outage), error=repr(error))
        return Unavailable(f"The request could not be answered: {outage}.")
    _log.error("report data failed", path=request.url.path, exc_info=error)
    return GraphError("The request could not be answered; the server's log has more.")
