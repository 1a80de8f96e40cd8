"""A fake of the vendor's authority and Graph on one local TLS port, with its data and errors, and any others."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import trustme

from opencasb.saas.configuration import Given
from tests.local_http import certified, serving

DIRECTORY = "6f1d2c3b-0000-4000-8000-00000000aaaa"
CLIENT = "0aa1b2c3-0000-4000-8000-00000000bbbb"
SECRET = "a~secret.Value-as-they-are_3"
SECRET_ID = "77777777-0000-4000-8000-00000000cccc"
ROLE = "CloudApp-Discovery.Read.All"
STREAMS = "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams"
PAGE = "<!DOCTYPE html><html><head><title>502</title></head><body>Our services aren't available</body></html>"


@dataclass
class Reply:
    """A response: JSON, or text of another type."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the body."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    def kind(self) -> str:
        """Return the content type."""
        return "text/html" if isinstance(self.body, str) else "application/json;odata.metadata=minimal"


def app(number: int, **more: Any) -> dict[str, Any]:
    """Return an app as in the vendor's beta API."""
    return {
        "@odata.type": "#microsoft.graph.security.discoveredCloudAppDetail",
        "id": str(10_000 + number),
        "displayName": f"App {number}",
        "tags": [],
        "riskScore": number % 11,
        "lastSeenDateTime": "2026-03-04T00:00:00Z",
        "domains": [f"app{number}.example"],
        "category": "cloudStorage",
        "userCount": number + 1,
        "ipAddressCount": number + 2,
        "transactionCount": 10 * number,
        "uploadNetworkTrafficInBytes": 1000 * number,
        "downloadNetworkTrafficInBytes": 100 * number,
        **more,
    }


def endpoint(number: int, **more: Any) -> dict[str, Any]:
    """Return an app of an endpoint stream."""
    kind = "#microsoft.graph.security.endpointDiscoveredCloudAppDetail"
    return app(number, **{"@odata.type": kind, "deviceCount": number, **more})


def token(roles: list[str] | None, number: int) -> str:
    """Return an unsigned access token with these roles; for None, one that only its audience can read."""
    if roles is None:
        return f"opaque-{number}"
    claims = base64.urlsafe_b64encode(json.dumps({"roles": roles, "n": number}).encode()).rstrip(b"=").decode()
    return f"e30.{claims}.AA"


def graph_error(code: str, text: str) -> dict[str, Any]:
    """Return a Graph error body."""
    return {"error": {"code": code, "message": text, "innerError": {"date": "2026-03-04T10:11:12", "request-id": "r"}}}


def authority_error(number: int, error: str, text: str) -> dict[str, Any]:
    """Return an authority's error body."""
    return {
        "error": error,
        "error_description": f"AADSTS{number}: {text} Trace ID: t Correlation ID: c Timestamp: 2026-03-04 10:11:12Z",
        "error_codes": [number],
        "timestamp": "2026-03-04 10:11:12Z",
        "trace_id": "t",
        "correlation_id": "c",
        "error_uri": f"https://authority.example/error?code={number}",
    }


class Vendor:
    """Authority and Graph; their attributes can be changed at any time."""

    def __init__(self) -> None:
        self.base = ""
        self.streams: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        self.snapshots: set[str] = set()
        self.page_size = 100
        self.secrets = {SECRET}
        self.expired: set[str] = set()
        self.roles: list[str] | None = [ROLE]
        self.tokens: set[str] = set()
        self.token_seconds: object = 3599
        self.issued = 0
        self.seen: list[str] = []
        self.instead: Callable[[str, str], Reply | None] = lambda _method, _path: None
        """Called first for every request; returns a response, or None."""

    def answer(self, method: str, target: str, headers: Any, body: str) -> Reply:
        """Return the response to a request."""
        path = unquote(target)
        self.seen.append(f"{method} {path}")
        given = self.instead(method, path)
        if given is not None:
            return given
        if path.endswith("/.well-known/openid-configuration"):
            return self._metadata(path)
        if path.endswith("/oauth2/v2.0/token"):
            return self._token(dict(parse_qsl(body)))
        return self._graph(path, str(headers.get("authorization", "")).removeprefix("Bearer "))

    def _metadata(self, path: str) -> Reply:
        tenant = path.split("/")[1]
        if tenant != DIRECTORY:
            return Reply(400, authority_error(90002, "invalid_tenant", f"Tenant '{tenant}' not found."))
        base = f"{self.base}/{tenant}"
        return Reply(
            body={
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
            }
        )

    def _token(self, form: dict[str, str]) -> Reply:
        assert form["grant_type"] == "client_credentials"
        assert form["scope"] == "https://graph.microsoft.com/.default"
        if form["client_id"] != CLIENT:
            return Reply(400, authority_error(700016, "unauthorized_client", "Application not found."))
        secret = form["client_secret"]
        if secret in self.expired:
            return Reply(401, authority_error(7000222, "invalid_client", "The keys are expired."))
        if secret not in self.secrets:
            return Reply(401, authority_error(7000215, "invalid_client", "Invalid client secret."))
        self.issued += 1
        made = token(self.roles, self.issued)
        self.tokens.add(made)
        return Reply(body={"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": made})

    def _graph(self, path: str, bearer: str) -> Reply:
        if bearer not in self.tokens:
            return Reply(401, graph_error("InvalidAuthenticationToken", "Access token is not valid."))
        if self.roles is not None and ROLE not in self.roles:
            return Reply(403, graph_error("Forbidden", "Insufficient privileges to complete the operation."))
        plain, _, query = path.partition("?")
        if plain == STREAMS:
            listed = [
                {"id": key, "displayName": name, "isSnapshotReport": key in self.snapshots}
                for key, (name, _) in self.streams.items()
            ]
            return self._paged(plain, query, listed)
        stream_id = plain.removeprefix(f"{STREAMS}/").partition("/")[0]
        if stream_id not in self.streams or not plain.endswith("aggregatedAppsDetails(period=duration'P90D')"):
            return Reply(404, graph_error("ResourceNotFound", "Resource not found."))
        return self._paged(plain, query, self.streams[stream_id][1])

    def _paged(self, path: str, query: str, rows: list[dict[str, Any]]) -> Reply:
        skip = int(parse_qs(query).get("$skip", ["0"])[0])
        body: dict[str, Any] = {"@odata.context": f"{self.base}/beta/$metadata#x"}
        if skip + self.page_size < len(rows):
            body["@odata.nextLink"] = f"{self.base}{path}?$skip={skip + self.page_size}"
        return Reply(body={**body, "value": rows[skip : skip + self.page_size]})


@contextmanager
def running(ca: trustme.CA, name: str = "localhost") -> Iterator[Vendor]:
    """Run a vendor on a free local port, with a certificate of ``ca``."""
    vendor = Vendor()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            reply = vendor.answer(self.command, self.path, self.headers, self.rfile.read(length).decode())
            content = reply.content()
            self.send_response_only(reply.status)
            for key, value in {"content-type": reply.kind(), **reply.headers}.items():
                self.send_header(key, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 -- the library's name

    with serving(Handler, certified(ca, name)) as port:
        vendor.base = f"https://localhost:{port}"
        yield vendor


def given(vendor: Vendor, ca: trustme.CA, schedule: str | None = None) -> Given:
    """Return the operator's configuration for that vendor, which is on this machine."""
    trusted = ca.cert_pem.bytes().decode()
    return Given(
        directory_id=DIRECTORY,
        client_id=CLIENT,
        secret=SECRET,
        authority=vendor.base,
        graph_url=vendor.base,
        ca=trusted,
        schedule=schedule,
        anywhere=True,
    )
