"""Outgoing connections go to public addresses only."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import pytest

from opencasb.outbound import Network, OutboundError, is_public, resolved

HOST = "www.box.example"


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
        ("192.0.0.192", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::c000:c0", False),
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
