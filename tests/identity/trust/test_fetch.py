"""Documents over HTTPS, from hostile servers."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import trustme

from opencasb.identity.trust.documents import LARGEST
from opencasb.identity.trust.fetch import HttpsFetch, Unreachable
from opencasb.model.tenant import Tenant
from opencasb.outbound import Network
from tests.identity.standin import HandClock, StandIn
from tests.identity.trust.directory import Directory, trusting
from tests.identity.trust.directory import trust as trust_directory
from tests.local_http import certified, serving


class Handler(BaseHTTPRequestHandler):
    """Responds according to the path."""

    protocol_version = "HTTP/1.1"
    timeout = 5
    directory: Directory
    stop: threading.Event
    seen: list[str]

    def do_GET(self) -> None:
        """Return a document of the directory, or a hostile response."""
        self.seen.append(self.path)
        ways: dict[str, Callable[[], None]] = {
            "/huge": self._huge,
            "/slow": self._slow,
            "/elsewhere": lambda: self._plain(302, b"", location="https://evil.example/"),
            "/here": lambda: self._plain(307, b"", location="/fine"),
            "/packed": lambda: self._plain(200, b"\x1f\x8b", content_encoding="gzip"),
            "/missing": lambda: self._plain(404, b"{}"),
            "/fine": lambda: self._plain(200, b"{}"),
        }
        published = self.directory.documents().get(self.path.removeprefix("/"))
        if published is not None:
            self._plain(200, published)
            return
        ways[self.path]()

    def do_POST(self) -> None:
        """Echo the form, and record the sender."""
        self.seen.append(self.headers.get("authorization", ""))
        self._plain(200, self.rfile.read(int(self.headers["content-length"])))

    def _plain(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("connection", "close")
        self.end_headers()
        while not self.stop.is_set():
            self.wfile.write(b" " * 65536)

    def _slow(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "1000000")
        self.end_headers()
        while not self.stop.wait(0.05):
            self.wfile.write(b" ")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """The CA of the server."""
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting_it(authority: trustme.CA) -> ssl.SSLContext:
    """A TLS context that trusts that CA."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def server(authority: trustme.CA, trusting_it: ssl.SSLContext) -> Iterator[tuple[Directory, HttpsFetch, list[str]]]:
    """Run a server and a fetch that trusts it, with enough time for a busy machine."""
    stop, seen = threading.Event(), list[str]()
    made = Directory(sts="sts.localhost")
    handler = type("Bound", (Handler,), {"directory": made, "stop": stop, "seen": seen})
    with serving(handler, certified(authority, "localhost")) as port:
        made.authority = f"localhost:{port}"
        try:
            yield made, HttpsFetch(context=trusting_it, seconds=60), seen
        finally:
            stop.set()


def test_a_directory_is_read_over_tls_and_its_tokens_are_checked(
    server: tuple[Directory, HttpsFetch, list[str]], casb: StandIn, tenant: Tenant, hand: HandClock
) -> None:
    """From four documents to a caller; the next token needs none of them."""
    directory, fetch, seen = server
    trust_directory(casb, tenant, directory)
    trusting(casb, fetch)
    seen.clear()
    for issuer in (directory.v1, directory.v2, directory.v1):
        token = directory.sign(directory.claims(hand.now, iss=issuer))
        assert casb.identity.access.authenticate(f"Bearer {token}", "mdca").permissions == {"discovery.read"}
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("huge", f"more than {LARGEST} bytes"),
        ("elsewhere", "status 302"),
        ("here", "status 307"),
        ("packed", "compressed"),
        ("missing", "status 404"),
    ],
)
def test_a_hostile_server_is_given_up(server: tuple[Directory, HttpsFetch, list[str]], path: str, reason: str) -> None:
    """At the size limit, or at once otherwise; no redirect is followed, not even to the same host."""
    directory, fetch, seen = server
    seen.clear()
    with pytest.raises(Unreachable, match=reason):
        fetch(f"https://{directory.authority}/{path}")
    assert seen == [f"/{path}"]


def test_a_server_that_answers_by_drops_is_given_up(
    server: tuple[Directory, HttpsFetch, list[str]], trusting_it: ssl.SSLContext
) -> None:
    """After the total time limit, although each byte arrives long before it; a busy machine gets a longer one."""
    directory, _, seen = server
    seen.clear()
    limits = (0.25 * 2**n for n in range(9))
    while not seen:  # until the limit was long enough for the request to arrive
        seconds = next(limits)
        with pytest.raises(Unreachable, match=f"no complete answer within {seconds:g} seconds"):
            HttpsFetch(context=trusting_it, seconds=seconds)(f"https://{directory.authority}/slow")
    assert {*seen} == {"/slow"}


def test_a_form_is_sent_encoded(server: tuple[Directory, HttpsFetch, list[str]]) -> None:
    """With the same limits."""
    directory, fetch, _ = server
    assert fetch(f"https://{directory.authority}/token", {"a": "1 & 2", "b": "ü"}) == b"a=1+%26+2&b=%C3%BC"


def test_a_secret_goes_in_the_header(server: tuple[Directory, HttpsFetch, list[str]]) -> None:
    """It is sent with this one request only."""
    directory, fetch, seen = server
    for basic in (("me", "s%26t"), None):
        fetch(f"https://{directory.authority}/token", {"a": "1"}, basic)
    assert seen[-2:] == ["Basic bWU6cyUyNnQ=", ""]


def test_only_https_with_a_trusted_certificate_is_read(server: tuple[Directory, HttpsFetch, list[str]]) -> None:
    """Plain HTTP is not attempted, and an unknown CA is rejected."""
    directory, fetch, seen = server
    assert fetch(f"https://{directory.authority}/fine") == b"{}"
    seen.clear()
    with pytest.raises(Unreachable, match="only https"):
        fetch(f"http://{directory.authority}/fine")
    with pytest.raises(Unreachable, match="certificate"):
        HttpsFetch(seconds=5)(f"https://{directory.authority}/fine")
    with pytest.raises(Unreachable):
        fetch("https://localhost:99999/fine")
    assert seen == []


def test_what_a_tenant_chose_is_read_from_public_addresses_only(
    authority: trustme.CA, trusting_it: ssl.SSLContext
) -> None:
    """Of which none is contacted otherwise; the certificate is that of the name."""

    async def here(_host: str) -> list[str]:
        return ["127.0.0.1"]

    seen = list[str]()
    handler = type("Bound", (Handler,), {"directory": Directory(), "seen": seen})
    with serving(handler, certified(authority, "id.example.org")) as port:
        for url in (f"https://id.example.org:{port}/fine", "https://id.example.org:9/fine"):
            with pytest.raises(Unreachable, match=r"^id\.example\.org has an address that is not public$"):
                HttpsFetch(Network(here), context=trusting_it)(url)
        with pytest.raises(Unreachable, match=r"'127\.0\.0\.1' is not a host name"):
            HttpsFetch(Network(here), context=trusting_it)(f"https://127.0.0.1:{port}/fine")
        assert seen == []
        allowed = HttpsFetch(Network(here, allowed=lambda _: True), context=trusting_it, seconds=60)
        assert allowed(f"https://id.example.org:{port}/fine") == b"{}"
        with pytest.raises(Unreachable, match="certificate"):
            allowed(f"https://other.example.org:{port}/fine")
    assert seen == ["/fine"]
