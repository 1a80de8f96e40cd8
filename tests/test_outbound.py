"""Outgoing connections go to public addresses only."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from pathlib import Path

import pytest

from opencasb.outbound import USER_AGENT, Network, OutboundError, is_public, resolved
from tests.discovery.probe.site import Page, Site

HOST = "www.box.example"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a website."""
    return Site(tmp_path)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("140.82.112.3", True),
        ("2606:4700::1111", True),
        ("64:ff9b::8c52:7003", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:a00:1::", False),
    ],
)
def test_only_addresses_of_the_internet_are_public(address: str, public: bool) -> None:
    """Including addresses embedded in others."""
    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        (["10.0.0.1"], "www.box.example has an address that is not public"),
        (["140.82.112.3", "127.0.0.1"], "www.box.example has an address that is not public"),
        ([], "www.box.example has no address"),
        (["fe80::1%eth0"], "www.box.example has an address that is not public"),
        (["nonsense"], "www.box.example has no address"),
    ],
)
def test_hosts_inside_the_house_are_not_asked(addresses: list[str], message: str) -> None:
    """Even if only one of a host's addresses is not public."""

    async def resolve(_: str) -> list[str]:
        return addresses

    with pytest.raises(OutboundError, match=message):
        asyncio.run(Network(resolve).address(HOST))


@pytest.mark.parametrize(
    "host", ["localhost", "intranet", "127.0.0.1", "[::1]", "", "a b.example", "*.box.example", "0x7f.1"]
)
def test_only_public_names_are_resolved(host: str) -> None:
    """An address is not a name."""

    async def resolve(_: str) -> list[str]:
        raise AssertionError

    with pytest.raises(OutboundError, match="is not a host name"):
        asyncio.run(Network(resolve).address(host))


def test_ipv4_is_preferred_and_failures_are_told() -> None:
    """Not every machine has IPv6."""

    async def resolve(host: str) -> list[str]:
        if host != HOST:
            raise socket.gaierror
        return ["2606:4700::1111", "140.82.112.3"]

    assert asyncio.run(Network(resolve).address(HOST)) == "140.82.112.3"
    with pytest.raises(OutboundError, match=r"a.example has no address"):
        asyncio.run(Network(resolve).address("a.example"))


def test_the_resolver_of_the_machine_is_used() -> None:
    """It resolves at least this machine's name."""
    assert "127.0.0.1" in asyncio.run(resolved("127.0.0.1"))


def test_a_page_is_read_from_the_address_that_was_checked(site: Site) -> None:
    """With the host's name and an honest user agent."""
    site.pages["/a?b=c"] = Page(headers={"X-Frame-Options": "DENY"}, body=b"hello")
    with site.serving(HOST) as network:
        answer = asyncio.run(network.get(f"https://{HOST}/a?b=c", 5))
    assert (answer.status, answer.body, answer.headers["x-frame-options"]) == (200, b"hello", "DENY")
    assert site.asked == [(HOST, "/a?b=c", USER_AGENT)]


def test_redirects_are_followed_where_they_may_be(site: Site) -> None:
    """Each is resolved and checked again; a response with a redirect that is not followed is the result."""
    site.pages["box.example/"] = Page(302, {"location": f"https://{HOST}/login"})
    site.pages[f"{HOST}/login"] = Page(301, {"location": "https://id.other.example/"})

    async def follow(url: str) -> bool:
        return "box.example/" in url

    with site.serving("box.example", HOST) as network:
        answer = asyncio.run(network.get("https://box.example/", 0, follow))
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
            asyncio.run(guarded.get(f"https://{HOST}/", 10))


def test_large_and_slow_pages_are_given_up(site: Site) -> None:
    """So are hosts with a certificate for another name."""
    site.pages["/"] = Page(body=b"x" * 11)
    with site.serving(HOST) as network:
        with pytest.raises(OutboundError, match="more than 10 bytes"):
            asyncio.run(network.get(f"https://{HOST}/", 10))
        assert asyncio.run(network.get(f"https://{HOST}/", 10, cut=True)).body == b"x" * 10
        with pytest.raises(OutboundError, match=r"a.box.example: ConnectError"):
            asyncio.run(network.get("https://a.box.example/", 10))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site.port = silent.getsockname()[1]
        with pytest.raises(OutboundError, match=r"www.box.example: ConnectTimeout"):
            asyncio.run(site.network(0.3).get(f"https://{HOST}/", 10))
