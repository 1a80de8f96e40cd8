"""Request URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.saas.graph import same_host
from tests.saas.conftest import House
from tests.saas.standin import Reply, app

BASE = "https://graph.example:8443"


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://graph.example:8443/beta/x?$skip=1", True),
        ("https://GRAPH.example:8443/", True),
        ("http://graph.example:8443/", False),
        ("https://graph.example/", False),
        ("https://graph.example:443/", False),
        ("https://graph.example.evil.example:8443/", False),
        ("https://graph.example:8443@evil.example/", False),
        ("https://evil.example:8443\\@graph.example:8443/", False),
        ("https://user@graph.example:8443/", False),
        ("//graph.example:8443/", False),
        ("https://[", False),
        ("https://graph.example:99999/", False),
        ("", False),
    ],
)
def test_only_the_same_host_gets_the_token(url: str, same: bool) -> None:
    assert same_host(url, BASE) is same


def test_the_usual_port_may_be_written() -> None:
    assert same_host("https://graph.example:443/a", "https://graph.example")
    assert same_host("https://graph.example/a", "https://graph.example:443")


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_not(text: str) -> None:
    assert same_host(text, BASE) in {True, False}


@pytest.mark.parametrize(
    "link", ["https://evil.example/beta/x", "http://localhost/x", "/beta/relative", "\0", "x" * 9000]
)
def test_a_link_to_another_host_is_not_followed(house: House, link: str) -> None:
    """The stream fails with a message; any server may send a link, but the token must not leave its host."""
    house.vendor.streams = {"s1": ("Edge", [])}
    house.authorized()
    page = Reply(body={"value": [app(1)], "@odata.nextLink": link})
    house.vendor.instead = lambda _method, path: page if "/s1/" in path else None
    run = house.run()
    assert run.outcome == "failed"
    assert ("another host" in run.message and "public_url" in run.message) or "characters" in run.message
    assert not any("evil" in each for each in house.vendor.seen)


def test_ids_of_streams_are_quoted(house: House) -> None:
    """Any id remains one path segment."""
    house.vendor.streams = {"../a b?c": ("Edge", [app(1)])}
    house.authorized()
    house.run()
    assert any("/uploadedStreams/../a b?c/aggregatedAppsDetails" in each for each in house.vendor.seen)
