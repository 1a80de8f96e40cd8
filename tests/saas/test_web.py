"""HTTP responses: which are retried, and which are invalid."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import trustme

from opencasb.outbound import Network
from opencasb.saas import web
from opencasb.saas.answer import Answer
from opencasb.saas.errors import InvalidResponse, RetryLater, ServerFailure, Stopped, Transient
from opencasb.saas.web import Web
from tests.saas.standin import Reply, Vendor, running


@pytest.fixture
def ask(vendor: Vendor, ca: trustme.CA, clock: Callable[[], int]) -> Callable[[Reply], Answer]:
    """Request from the fake vendor, which returns the given response."""

    def asked(reply: Reply) -> Answer:
        vendor.instead = lambda _method, _path: reply
        with Web(ca.cert_pem.bytes().decode(), clock, threading.Event()) as opened:
            return opened.ask(f"{vendor.base}/x")

    return asked


def test_json_is_read(ask: Callable[[Reply], Answer]) -> None:
    """Error responses, too."""
    answer = ask(Reply(404, {"a": 1}, {"X-Note": "n"}))
    assert (answer.status, answer.json(), answer.headers["x-note"]) == (404, {"a": 1}, "n")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(429, RetryLater), *((status, ServerFailure) for status in (408, 500, 502, 503, 504, 507, 509, 520, 529, 599))],
)
def test_some_answers_are_worth_another_try(ask: Callable[[Reply], Answer], status: int, kind: type) -> None:
    """The retry waits for the delay that they request."""
    with pytest.raises(Transient) as caught:
        ask(Reply(status, {}, {"retry-after": "7"}))
    assert (type(caught.value.problem), caught.value.retry_after) == (kind, 7)


def test_an_answer_without_end_is_cut(ask: Callable[[Reply], Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LARGEST", 1000)
    assert len(ask(Reply(body={"a": "x" * 900})).content) < 1000
    with pytest.raises(InvalidResponse, match="more than 1000 bytes"):
        ask(Reply(body={"a": "x" * 1000}))


def test_an_answer_that_only_drips_in_may_pass(ask: Callable[[Reply], Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece arrives in time, but the response never ends."""
    monkeypatch.setattr(web, "LONGEST_SECONDS", -1.0)
    with pytest.raises(Transient, match="cannot be reached: its answer takes more than"):
        ask(Reply(body={"a": "x" * 100}))


def test_broken_compression_is_a_transient_problem(ask: Callable[[Reply], Answer]) -> None:
    with pytest.raises(Transient, match="cannot be reached"):
        ask(Reply(body={}, headers={"content-encoding": "gzip"}))


@pytest.mark.parametrize("url", ["http://localhost/", "ftp://x/", "https://", "https://a\0b/"])
def test_other_addresses_are_refused(url: str, clock: Callable[[], int]) -> None:
    """No requests without TLS."""
    with Web("", clock, threading.Event()) as opened, pytest.raises((InvalidResponse, Transient)):
        opened.ask(url)


def test_a_process_that_ends_asks_no_more(clock: Callable[[], int]) -> None:
    stop = threading.Event()
    stop.set()
    with Web("", clock, stop) as opened, pytest.raises(Stopped):
        opened.ask("https://localhost/")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080"),  # needs a package that is not installed
        ("HTTPS_PROXY", "ftp://127.0.0.1:21"),
        ("HTTPS_PROXY", "http://127.0.0.1:port"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
    ],
)
def test_an_environment_that_cannot_be_used_is_told(
    monkeypatch: pytest.MonkeyPatch, clock: Callable[[], int], name: str, value: str
) -> None:
    """The error names the variable; once it is fixed, no new authorization is needed."""
    monkeypatch.setenv(name, value)
    with Web("", clock, threading.Event()) as opened, pytest.raises(RetryLater, match=name) as caught:
        opened.ask("https://localhost/")
    assert caught.value.code == "environment"


def test_what_a_tenant_chose_is_asked_at_public_addresses_only(ca: trustme.CA, clock: Callable[[], int]) -> None:
    """No connection serves two names of one address: each shows its own certificate."""

    async def here(_host: str) -> list[str]:
        return ["127.0.0.1"]

    trusted = ca.cert_pem.bytes().decode()
    with running(ca, "graph.example.org") as vendor:
        vendor.instead = lambda _method, _path: Reply(body={"a": 1})
        url = vendor.base.replace("localhost", "graph.example.org")
        refused = pytest.raises(InvalidResponse, match=r"graph\.example\.org has an address that is not public")
        with Web(trusted, clock, threading.Event(), Network(here)) as opened, refused:
            opened.ask(url)
        assert vendor.seen == []
        with Web(trusted, clock, threading.Event(), Network(here, allowed=lambda _: True)) as opened:
            assert opened.ask(url).json() == {"a": 1}
            with pytest.raises(RetryLater, match=r"other\.example\.org.* is not trusted"):
                opened.ask(url.replace("graph.", "other."))


def test_a_name_without_an_address_may_have_one_later(clock: Callable[[], int]) -> None:
    async def nowhere(_host: str) -> list[str]:
        raise OSError

    with Web("", clock, threading.Event(), Network(nowhere)) as opened, pytest.raises(Transient, match="no address"):
        opened.ask("https://graph.example.org/")
