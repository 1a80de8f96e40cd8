"""Webhooks to a real receiver on this machine."""

from __future__ import annotations

import base64
import socket
import time
from pathlib import Path

import pytest
import trustme
from standardwebhooks.webhooks import Webhook as Receiving

from opencasb.model.notification import Channel
from opencasb.notify import webhook
from opencasb.notify.notifier import Envelope, Message, Undelivered
from opencasb.notify.webhook import Webhook
from opencasb.outbound import Network
from opencasb.settings import Settings
from tests.conftest import NOW
from tests.notify.receiver import Receiver, receiving
from tests.server import free_port

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HOOK = Webhook(Settings())


def envelope(address: str, *, anywhere: bool = True, now: int = NOW) -> Envelope:
    """Return a message to an address."""
    channel = Channel(
        tenant_id=1,
        channel_id="c" * 24,
        kind="webhook",
        address=address,
        anywhere=anywhere,
        created=NOW,
        created_by="test",
    )
    return Envelope(channel, Message("a" * 24, "test", NOW, "Subject", "Text é", {"n": 1}), now, SECRET)


def test_a_receiver_can_check_what_came(receiver: Receiver, ca_file: Path) -> None:
    """The specification's library verifies it, including the age; another secret fails."""
    HOOK.send(envelope(receiver.url, now=time.time_ns() // 1_000_000))
    (post,) = receiver.posts
    assert Receiving(SECRET).verify(post.content, post.headers) == {
        "type": "test",
        "timestamp": "2025-11-20T12:00:00.000Z",
        "data": {"subject": "Subject", "text": "Text é", "n": 1},
    }
    assert (post.headers["content-type"], post.headers["webhook-id"]) == ("application/json", "a" * 24)
    with pytest.raises(Exception, match="No matching signature"):
        Receiving(SECRET.replace("A", "B")).verify(post.content, post.headers)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_takes_it(receiver: Receiver, ca_file: Path, status: int) -> None:
    """The content of the response does not matter."""
    receiver.statuses = [status]
    HOOK.send(envelope(receiver.url))
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("status", [302, 307, 308, 400, 401, 410, 429, 500])
def test_anything_else_does_not(receiver: Receiver, ca_file: Path, status: int) -> None:
    """A redirect is not followed, because it could lead anywhere."""
    receiver.statuses, receiver.location = [status], receiver.url
    with pytest.raises(Undelivered, match=f"localhost:{receiver.port} answered with status {status}"):
        HOOK.send(envelope(receiver.url))
    assert len(receiver.posts) == 1


def test_a_receiver_without_tls_may_be_on_this_machine() -> None:
    """It may be an agent next to the server, for example."""
    with receiving(None) as receiver:
        HOOK.send(envelope(HOOK.checked(receiver.url, anywhere=True)))
    assert len(receiver.posts) == 1


def test_a_receiver_that_is_not_trusted_or_not_there_gets_nothing(
    ca: trustme.CA, ca_file: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error does not repeat the path, which may contain a secret."""
    with receiving(ca, "elsewhere.example") as other, pytest.raises(Undelivered, match="certificate verify failed"):
        HOOK.send(envelope(other.url))
    ca_file.write_bytes(trustme.CA().cert_pem.bytes())
    with pytest.raises(Undelivered, match="certificate verify failed"):
        HOOK.send(envelope(receiver.url))
    with pytest.raises(Undelivered, match="cannot be reached") as nobody:
        HOOK.send(envelope(f"https://localhost:{free_port()}/secret-path"))
    assert "secret-path" not in str(nobody.value)
    assert (receiver.posts, other.posts) == ([], [])


def test_a_receiver_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """One deadline covers the whole request."""
    monkeypatch.setattr(webhook, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://localhost:{silent.getsockname()[1]}/"
        with pytest.raises(Undelivered, match=r"did not answer within 0\.2 seconds"):
            HOOK.send(envelope(address))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "ftp://127.0.0.1:21", "http://127.0.0.1:port"])
def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """SOCKS needs a package that is not installed."""
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(Undelivered, match=r"hooks\.example\.org cannot be reached: .*([Pp]roxy|port)"):
        HOOK.send(envelope("https://hooks.example.org/"))


def test_a_channel_of_a_tenant_goes_to_public_addresses_only(ca: trustme.CA, ca_file: Path) -> None:
    """The address resolved for that connection is checked; the certificate must match the name."""
    with receiving(ca, "hooks.example.org") as receiver:

        async def here(_host: str) -> list[str]:
            return ["127.0.0.1"]

        address = f"https://hooks.example.org:{receiver.port}/hook?x=1"
        with pytest.raises(Undelivered, match="has an address that is not public"):
            Webhook(Settings(), Network(here)).send(envelope(address, anywhere=False))
        assert receiver.posts == []
        Webhook(Settings(), Network(here, allowed=lambda _: True)).send(envelope(address, anywhere=False))
    (post,) = receiver.posts
    assert (post.path, post.headers["host"]) == ("/hook?x=1", f"hooks.example.org:{receiver.port}")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.example.org",
        "ftp://hooks.example.org/",
        "http://hooks.example.org/",
        "http://192.168.1.5/",
        "https:///x",
        "https://user:password@hooks.example.org/",
        "https://hooks.example.org/#x",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/é",
        "https://hooks.example.org/\r\nx: y",
        "https://[::1/",
        "https://hooks.example.org/" + "x" * 1000,
    ],
)
def test_what_is_no_address_of_a_receiver_is_refused(address: str) -> None:
    """It does not matter who adds it."""
    for anywhere in (True, False):
        with pytest.raises(ValueError, match=r"must (be|begin|have)"):
            HOOK.checked(address, anywhere=anywhere)


@pytest.mark.parametrize(
    "address",
    [
        "https://10.0.0.1/",
        "https://[fd00::1]/",
        "https://localhost/",
        "https://siem/hook",
        "https://2130706433/",
        "http://127.0.0.1:9000/",
        "http://localhost/",
        "http://[::1]/",
    ],
)
def test_private_receivers_are_the_operators(address: str) -> None:
    """A tenant's administrator is told who can add them."""
    assert HOOK.checked(address, anywhere=True) == address
    with pytest.raises(ValueError, match="must have a public host name; the operator can set others"):
        HOOK.checked(address, anywhere=False)


def test_a_tenant_is_not_told_of_receivers_on_this_machine() -> None:
    """Plain HTTP to loopback is the operator's."""
    with pytest.raises(ValueError, match=r"must begin with https://$"):
        HOOK.checked("http://hooks.example.org/", anywhere=False)
