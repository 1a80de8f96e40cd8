"""Common to all calls: headers, size limits, failures, the server's URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from opencasb.api.v1.app import LARGEST_BODY, SHORT_BODY
from tests.api.answers import our_failure
from tests.api.v1.conftest import ADMIN, Client
from tests.wire import exchange, left


def url_of(client: Client, host: str, base: str = "https://localhost:8443") -> str:
    """Return the upload URL from a call to ``host``."""
    path = f"{base}/api/v1/discovery/upload_url/?filename=a&source=SQUID"
    return str(client.get(path, headers={"Host": host})["url"]).partition("/upload/")[0]


def test_links_lead_to_the_address_the_client_used(client: Client) -> None:
    """Scheme and host of the call; an invalid Host header is not used (api §1.1)."""
    assert url_of(client, "casb.us3.portal.cloudappsecurity.com") == "https://casb.us3.portal.cloudappsecurity.com"
    assert url_of(client, "127.0.0.1:8080", "http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    assert url_of(client, "[::1]:8443") == "https://[::1]:8443"
    for evil in ("evil.example/path?", "a b", "x" * 300, "[::1", 'a"b'):
        assert url_of(client, evil) == client.casb.settings.effective_public_url


def test_a_configured_address_is_used_for_every_link(open_client: Callable[..., Client]) -> None:
    """Behind a proxy, the operator's setting applies."""
    client = open_client(public_url="https://casb.example")
    assert url_of(client, "inside:8443") == "https://casb.example"


def test_a_body_over_the_limit_is_413(reader: Client) -> None:
    """Bodies cannot fill the memory."""
    answer = reader.call("POST", "discovery/discovered_apps/", content=b" " * (LARGEST_BODY + 1))
    assert (answer.status_code, answer.json()) == (413, {"detail": "Request entity too large."})
    assert reader.call("POST", "discovery/discovered_apps/", content=b" " * LARGEST_BODY).status_code == 200


@pytest.mark.parametrize("announced", [True, False])
def test_no_long_body_is_read_of_just_anybody(client: Client, announced: bool) -> None:
    """Anonymous callers could fill the memory over many connections."""
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(LARGEST_BODY // 10_000):
            read += 10_000
            yield b" " * 10_000

    headers = {"Authorization": f"Token {'0' * 64}", "Content-Type": "application/json"}
    if announced:
        headers["Content-Length"] = str(LARGEST_BODY // 10_000 * 10_000)
    assert client.call("POST", "alerts/", role=None, content=pieces(), headers=headers).status_code == 401
    assert read <= SHORT_BODY


def test_our_own_failure_is_logged_and_tells_the_client_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 500 response has no trace of the cause (api §16)."""

    def fail(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(client.casb.tags, "all", fail)
    with capture_logs() as logs, our_failure():
        answer = client.call("GET", "discovery/app_tags/")
    assert (answer.status_code, answer.text) == (500, '{"detail":"Internal server error."}')
    assert [(entry["event"], entry["path"]) for entry in logs] == [("request_failed", "/api/v1/discovery/app_tags/")]


def test_a_client_that_leaves_gets_no_answer(client: Client) -> None:
    """A connection that ends within a body is not a server error."""
    token = {"authorization": f"Token {client.known.tokens[ADMIN]}"}
    sent = client.run(exchange(client.app, "POST", "/api/v1/governance/", headers=token, receive=left))
    assert sent == []


def test_json_is_json(reader: Client) -> None:
    """Success and error responses have the same media type."""
    for path in ("discovery/weights/", "nothing/"):
        answer: httpx.Response = reader.call("GET", path)
        assert answer.headers["content-type"] == "application/json"
