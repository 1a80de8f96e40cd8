"""Addresses that tenants choose go through the environment's proxy to Microsoft's hosts only."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import trustme

from opencasb.environment_proxy import proxy_for
from opencasb.identity.trust.fetch import HttpsFetch, Unreachable
from opencasb.outbound import Network
from opencasb.saas.errors import InvalidResponse
from opencasb.saas.web import Web
from tests.connect_proxy import proxying
from tests.local_http import serving

LOGIN, GRAPH = "login.microsoftonline.com", "graph.microsoft.com"
PROXY = "http://user:secret@proxy.example.org:3128"


class Handler(BaseHTTPRequestHandler):
    """A host of Microsoft."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Return JSON that says which host was asked."""
        content = f'{{"host": "{self.headers["host"]}"}}'.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


async def inside(_host: str) -> list[str]:
    """Resolve every name into the server's own network, as on sites that only a proxy knows the internet of."""
    return ["127.0.0.1"]


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def behind(ca: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A proxy that the environment names, to a server that is both hosts; returns what it was asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(LOGIN, GRAPH).configure_cert(context)
    with serving(Handler, context) as port, proxying(port, monkeypatch) as asked:
        yield asked


@pytest.fixture
def fetch(ca: trustme.CA) -> HttpsFetch:
    """Fetches what tenants chose."""
    context = ssl.create_default_context()
    ca.configure_trust(context)
    return HttpsFetch(Network(inside), context=context, seconds=60)


def test_documents_come_through_the_proxy(behind: list[str], fetch: HttpsFetch) -> None:
    """The proxy finds the address; TLS still is with the host itself."""
    assert fetch(f"https://{LOGIN}/keys") == b'{"host": "login.microsoftonline.com"}'
    with pytest.raises(Unreachable, match="certificate"):
        fetch("https://login.microsoftonline.us/keys")
    assert behind == [f"{LOGIN}:443", "login.microsoftonline.us:443"]


def test_a_graph_is_read_through_the_proxy(behind: list[str], ca: trustme.CA, clock: Callable[[], int]) -> None:
    """Over one connection for each host."""
    with Web(ca.cert_pem.bytes().decode(), clock, threading.Event(), Network(inside)) as web:
        hosts = [web.ask(f"https://{host}/x").json()["host"] for host in (LOGIN, GRAPH, GRAPH)]
        assert hosts == [LOGIN, GRAPH, GRAPH]
        with pytest.raises(InvalidResponse, match=r"graph\.example\.org has an address that is not public"):
            web.ask("https://graph.example.org/x")
    assert behind == [f"{LOGIN}:443", f"{GRAPH}:443"]


@pytest.mark.parametrize(
    "url",
    [
        "https://id.example.org/",
        f"https://{LOGIN}:8443/",
        f"https://{LOGIN}.example.org/",
        f"https://x.{LOGIN}/",
        f"https://{LOGIN}@id.example.org/",
        f"https://id.example.org\\@{LOGIN}/",
        "https://10.0.0.1/",
        "https://[::1/",
    ],
)
def test_other_hosts_are_never_asked_through_the_proxy(behind: list[str], fetch: HttpsFetch, url: str) -> None:
    """Their addresses are checked."""
    with pytest.raises(Unreachable, match=r"not public|not a host name|not an address"):
        fetch(url)
    assert behind == []


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": "proxy.example.org:3128"}, "http://proxy.example.org:3128"),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"HTTP_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "localhost, .microsoftonline.com"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({}, None),
    ],
)
def test_the_variables_are_those_of_other_programs(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert [proxy_for(f"https://{LOGIN}{port}/x") for port in ("", ":443")] == [proxy, proxy]
    assert proxy_for(f"http://{LOGIN}/x") is None


def test_without_a_proxy_addresses_are_checked(monkeypatch: pytest.MonkeyPatch, fetch: HttpsFetch) -> None:
    """Those of Microsoft's hosts, too; and no password of a proxy is shown."""
    with proxying(9, monkeypatch):
        monkeypatch.setenv("NO_PROXY", LOGIN)
        with pytest.raises(Unreachable, match="not public"):
            fetch(f"https://{LOGIN}/keys")
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.delenv("NO_PROXY")
    assert "secret" not in repr(asyncio.run(Network(inside).target(f"https://{LOGIN}/keys")))
