"""Pages are read from public addresses, within limits."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path

import pytest

from opencasb.discovery.probe.fetch import USER_AGENT, fetch
from opencasb.outbound import Network, OutboundError
from tests.discovery.probe.site import Page, Site

HOST = "www.box.example"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a website."""
    return Site(tmp_path)


def test_a_page_is_read_from_the_address_that_was_checked(site: Site) -> None:
    """With the host's name and an honest user agent."""
    site.pages["/a?b=c"] = Page(headers={"X-Frame-Options": "DENY"}, body=b"hello")
    with site.serving(HOST) as network:
        answer = asyncio.run(fetch(network, f"https://{HOST}/a?b=c", 5))
    assert (answer.status, answer.body, answer.headers["x-frame-options"]) == (200, b"hello", "DENY")
    assert site.asked == [(HOST, "/a?b=c", USER_AGENT)]


def test_redirects_are_followed_where_they_may_be(site: Site) -> None:
    """Each is resolved and checked again; a response with a redirect that is not followed is the result."""
    site.pages["box.example/"] = Page(302, {"location": f"https://{HOST}/login"})
    site.pages[f"{HOST}/login"] = Page(301, {"location": "https://id.other.example/"})

    async def follow(url: str) -> bool:
        return "box.example/" in url

    with site.serving("box.example", HOST) as network:
        answer = asyncio.run(fetch(network, "https://box.example/", 0, follow))
        assert (answer.status, answer.url) == (301, f"https://{HOST}/login")
        assert [host for host, *_ in site.asked] == ["box.example", HOST]


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("https://inside.example/", "inside.example has an address that is not public"),
        ("https://169.254.169.254/latest/meta-data", "'169.254.169.254' is not a host name"),
        ("http://www.box.example/", "is not https at its usual port"),
        ("https://www.box.example:22/", "is not https at its usual port"),
        ("https://[", "not an address"),
        ("/", "more than 3 redirects"),
    ],
)
def test_redirects_do_not_lead_inside(site: Site, location: str, message: str) -> None:
    """Redirects from HTTPS to HTTP and loops are not followed either."""
    site.pages["/"] = Page(302, {"location": location})
    site.addresses["inside.example"] = ["10.0.0.1"]
    with site.serving(HOST, "inside.example") as network:
        guarded = Network(
            network.resolve, lambda each: each == ipaddress.ip_address("127.0.0.1"), network.port, network.trust
        )
        with pytest.raises(OutboundError, match=message):
            asyncio.run(fetch(guarded, f"https://{HOST}/", 10))


def test_large_and_slow_pages_are_given_up(site: Site) -> None:
    """So are hosts with a certificate for another name."""
    site.pages["/"] = Page(body=b"x" * 11)
    with site.serving(HOST) as network:
        with pytest.raises(OutboundError, match="more than 10 bytes"):
            asyncio.run(fetch(network, f"https://{HOST}/", 10))
        assert asyncio.run(fetch(network, f"https://{HOST}/", 10, cut=True)).body == b"x" * 10
        with pytest.raises(OutboundError, match=r"a.box.example: ConnectError"):
            asyncio.run(fetch(network, "https://a.box.example/", 10))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site.port = silent.getsockname()[1]
        with pytest.raises(OutboundError, match=r"www.box.example: ConnectTimeout"):
            asyncio.run(fetch(site.network(0.3), f"https://{HOST}/", 10))
