"""The dispatcher: each path reaches its API, with any number of slashes."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import httpx
import pytest
import sqlalchemy as sa

from opencasb.activities.columns import to_record
from opencasb.api.asgi import Dispatcher
from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.settings import Settings
from tests.activities.example import wire
from tests.api.v1.serving import serving
from tests.conftest import NOW
from tests.wire import exchange, send, with_body


@pytest.fixture(scope="module")
def casb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Casb]:
    """An installation with one tenant."""
    opened = Casb.open(Settings(data=tmp_path_factory.mktemp("casb"), requests_per_minute=0), lambda: NOW)
    opened.tenants.create("Contoso", domain="contoso.example")
    yield opened
    opened.close()


def get(casb: Casb, path: str, **headers: str) -> httpx.Response:
    """Send a GET."""
    return send(Dispatcher(casb), "GET", f"https://casb.example{path}", headers=headers)


def token(casb: Casb) -> str:
    """Return a new token of the tenant's administrator."""
    tenant_id = casb.tenants.all()[0].tenant_id
    user = casb.users.by_upn(tenant_id, "ann@contoso.example") or casb.users.create(
        tenant_id, "ann@contoso.example", Role.GLOBAL_ADMINISTRATOR
    )
    return casb.identity.credentials.new_api_token(tenant_id, user.user_id, "test").value


@pytest.mark.parametrize("slash", ["/", "//", "////"])
@pytest.mark.parametrize("prefix", ["api", "cas/api", "API", "Cas/API"])
def test_slashes_and_case_of_the_prefix_do_not_matter(casb: Casb, slash: str, prefix: str) -> None:
    """The list is returned at once, without a redirect."""
    path = f"/{prefix}/v1/discovery/streams/".replace("/", slash)
    answer = get(casb, path, Authorization=f"Token {token(casb)}")
    assert (answer.status_code, list(answer.json())) == (200, ["streams"])


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://casb.example/api/v1/discovery/streams/", 200),
        ("HTTPS://h:1//api/v1//discovery/streams", 200),
        ("*", 404),
    ],
)
def test_a_target_may_name_the_server_or_nothing(casb: Casb, target: str, status: int) -> None:
    """A client that uses us as a proxy sends the absolute form; health checks the other (``OPTIONS *``)."""
    lines = f"GET {target} HTTP/1.1", "Host: casb.example", f"Authorization: Token {token(casb)}", "Connection: close"
    with serving(Dispatcher(casb)) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/subnet/",
        "/feed/v1/alerts",
        "/admin/v1/users",
        "/beta/security",
        "/odata/v1/",
        "/portal/",
        "/x",
        "/healthz",
    ],
)
def test_only_encrypted_answers_ask_browsers_for_encryption(casb: Casb, path: str) -> None:
    """In clear the header would be ignored, and must not be sent (RFC 6797 §7.2)."""
    app, name = Dispatcher(casb), "strict-transport-security"
    assert send(app, "GET", f"https://casb.example{path}").headers.get_list(name) == ["max-age=31536000"]
    assert name not in send(app, "GET", f"http://casb.example{path}").headers


def test_escaped_slashes_stay(casb: Casb) -> None:
    """They are part of an id."""
    tenant_id = casb.tenants.all()[0].tenant_id
    casb.activities.add(tenant_id, [to_record(wire(1, _id="/a//b"))])
    answer = get(casb, "//api/v1//activities/%2Fa%2F%2Fb/", Authorization=f"Token {token(casb)}")
    assert (answer.status_code, answer.json()["_id"]) == (200, "/a//b")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/healthz", 200, '"ok"'),
        ("/readyz", 200, '"ready"'),
        ("/api/v1/discovery/streams/", 401, "Authentication credentials were not provided."),
        ("/upload/log/nosuch?sv=1", 405, "not allowed"),
        ("/beta/security/dataDiscovery", 401, "InvalidAuthenticationToken"),
        ("/v1.0/security/dataDiscovery", 404, "ResourceNotFound"),
        ("/contoso.example//v2.0//.well-known/openid-configuration", 200, "token_endpoint"),
        ("/nosuch.example/v2.0/.well-known/openid-configuration", 400, "AADSTS90002"),
    ],
)
def test_each_path_reaches_its_api(casb: Casb, path: str, status: int, said: str) -> None:
    """Unclaimed paths belong to the authorization server."""
    answer = get(casb, path)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("path", ["", "/", "//", "/?utm=1"])
def test_the_name_of_the_server_is_enough_for_the_portal(casb: Casb, path: str) -> None:
    """Anyone who types only the host name is asked to sign in, and gets the first page."""
    answer = get(casb, path)
    assert answer.status_code == 303
    assert "/login?going_to=%2Fportal%2F" in answer.headers["location"]


@pytest.mark.parametrize(("method", "path", "status"), [("OPTIONS", "*", 404), ("CONNECT", "casb.example:443", 405)])
def test_what_is_no_path_is_refused(casb: Casb, method: str, path: str, status: int) -> None:
    """HTTP has server-wide and proxy requests: they are not server errors."""
    sent = asyncio.run(exchange(Dispatcher(casb), method, path, receive=with_body(b"")))
    assert sent[0]["status"] == status


def test_nothing_is_smuggled_behind_a_request_of_two_lengths(casb: Casb) -> None:
    """It is answered according to its chunks, as some clients send both headers, and the connection is closed."""
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: casb.example\r\n\r\n"
    lengths = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with serving(Dispatcher(casb)) as port, socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"POST /api/v1/alerts/ HTTP/1.1\r\nHost: casb.example\r\n" + lengths + smuggled)
        said = b"".join(iter(lambda: connection.recv(4096), b""))
    assert said.startswith(b"HTTP/1.1 401 ")
    assert said.count(b"HTTP/1.1 ") == 1


def test_without_its_database_a_server_is_alive_and_not_ready(tmp_path: Path) -> None:
    """A load balancer removes it, but its supervisor need not restart it."""
    casb = Casb(Settings(data=tmp_path / "gone"), lambda: NOW)
    assert get(casb, "/healthz").status_code == 200
    answer = get(casb, "/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["problem"].startswith("the database does not answer")
    casb.close()


def test_other_protocols_are_left_alone(casb: Casb) -> None:
    """A web socket or lifespan event gets neither a response nor an error."""

    async def never(*_: object) -> None:
        raise AssertionError("nothing is received or sent")

    asyncio.run(Dispatcher(casb)({"type": "lifespan"}, never, never))  # type: ignore[arg-type]  # it is not called


def test_a_request_that_the_end_of_the_server_cuts_off_is_to_be_repeated(casb: Casb) -> None:
    """Such as an upload that takes longer than the server waits."""

    async def work() -> httpx.Response:
        begun = asyncio.Event()

        async def unfinished() -> AsyncIterator[bytes]:
            yield b"{"
            begun.set()
            await asyncio.sleep(60)

        transport, headers = httpx.ASGITransport(Dispatcher(casb)), {"Authorization": f"Token {token(casb)}"}
        async with httpx.AsyncClient(transport=transport, base_url="https://casb.example", headers=headers) as client:
            asking = asyncio.create_task(client.post("/api/v1/alerts/", content=unfinished()))
            await begun.wait()
            asking.cancel()
            return await asking

    answer = asyncio.run(work())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


def test_a_database_that_stands_still_is_not_waited_for(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each probe is answered in time, with one query for all of them; when the database resumes, so does the server."""
    monkeypatch.setattr("opencasb.api.asgi.READY_SECONDS", 0.2)
    read, goes_on, asked = casb.database.read, Event(), 0

    @contextmanager
    def still() -> Iterator[sa.Connection]:
        nonlocal asked
        asked += 1
        goes_on.wait(60)
        with read() as connection:
            yield connection

    monkeypatch.setattr(casb.database, "read", still)

    async def exchange() -> list[httpx.Response]:
        transport = httpx.ASGITransport(Dispatcher(casb))
        async with httpx.AsyncClient(transport=transport, base_url="https://casb.example") as client:
            answers = await asyncio.gather(*(client.get("/readyz") for _ in range(3)))
            monkeypatch.setattr("opencasb.api.asgi.READY_SECONDS", 60.0)
            goes_on.set()
            return [*answers, await client.get("/readyz")]

    *early, late = asyncio.run(exchange())
    assert [answer.status_code for answer in early] == [503] * 3
    assert early[0].json()["problem"] == "the database has not answered for 0 s"
    assert (asked, late.status_code) == (1, 200)
