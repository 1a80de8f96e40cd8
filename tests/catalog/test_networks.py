"""Matching IP addresses by the longest prefix."""

from __future__ import annotations

import itertools
from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.networks import AddressTable, disjoint, number_of, parse_network, prefix_of

Network = IPv4Network | IPv6Network


def table(*networks: tuple[str, int]) -> AddressTable:
    """Return a table of networks and their apps."""
    found = [(parse_network(text), app_id) for text, app_id in networks]
    return AddressTable(disjoint(prefix_of(network, app_id) for network, app_id in found if network is not None))


def test_the_longest_prefix_wins() -> None:
    """A nested network takes its part; the rest stays with the outer one."""
    found = table(("192.0.2.0/24", 1), ("192.0.2.64/26", 2), ("192.0.2.65/32", 3), ("2001:db8::/32", 4))
    addresses = ["192.0.2.1", "192.0.2.64", "192.0.2.65", "192.0.2.66", "192.0.2.128", "192.0.3.0", "2001:db8::9"]
    assert found.match(addresses) == [1, 2, 3, 2, 1, None, 4]


def test_ipv4_in_ipv6_form_is_ipv4() -> None:
    """One family's default route does not match the other."""
    assert table(("192.0.2.0/24", 1), ("::/0", 2)).match(["::ffff:192.0.2.7", "198.51.100.1", "2001:db8::1"]) == [
        1,
        None,
        2,
    ]


def test_of_equal_networks_the_first_wins() -> None:
    """Two providers may publish the same network."""
    assert table(("192.0.2.0/24", 1), ("192.0.2.0/24", 2)).match(["192.0.2.1"]) == [1]


def test_an_empty_table_matches_nothing() -> None:
    """Without networks there are no apps."""
    assert AddressTable([]).match(["192.0.2.1", None]) == [None, None]


@pytest.mark.parametrize("text", ["", "x", "192.0.2", "192.0.2.256", "1.2.3.4\x00", "::g", "é", "1" * 5000])
def test_what_is_no_address_is_nothing(text: str) -> None:
    """Any other text matches nothing."""
    assert number_of(text) == -1


def test_blanks_and_zones_are_ignored() -> None:
    """The zone of a link-local address is ignored."""
    assert number_of(" fe80::1%eth0 ") == number_of("fe80::1")


@pytest.mark.parametrize(("text", "valid"), [("10.0.0.0/8", True), ("10.0.0.1/8", True), ("::1", True), ("x", False)])
def test_networks_are_parsed_kindly(text: str, valid: bool) -> None:
    """Host bits are cleared; invalid text gives None."""
    assert (parse_network(text) is not None) is valid


networks = st.tuples(st.integers(0, 255), st.integers(24, 32)).map(
    lambda pair: IPv4Network((0xC0000200 | pair[0], pair[1]), strict=False)
)


@given(st.lists(st.tuples(networks, st.integers(1, 4)), max_size=8), st.integers(0, 255))
def test_intervals_agree_with_the_longest_of_all_prefixes(given_networks: list[tuple[Network, int]], last: int) -> None:
    """They agree with testing every network."""
    address = ip_address(0xC0000200 | last)
    around = [(network.prefixlen, -at, app) for at, (network, app) in enumerate(given_networks) if address in network]
    expected = max(around)[2] if around else None
    intervals = disjoint(prefix_of(network, app) for network, app in given_networks)
    assert AddressTable(intervals).match([str(address)]) == [expected]
    assert all(first.last < second.first for first, second in itertools.pairwise(intervals))


@given(st.text())
def test_any_text_may_be_an_address(text: str) -> None:
    """Nothing raises."""
    number_of(text)
    parse_network(text)
