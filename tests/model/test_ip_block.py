"""IP blocks as IPv6, compared with the standard library."""

from __future__ import annotations

import ipaddress
import itertools
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.ip_block import IpBlock, ip_block, ip_number, outermost

networks = st.one_of(
    st.tuples(st.ip_addresses(v=4).map(str), st.integers(0, 32)),
    st.tuples(st.ip_addresses(v=6).map(str), st.integers(0, 128)),
).map(lambda pair: f"{pair[0]}/{pair[1]}")


@pytest.mark.parametrize(
    ("text", "address", "mask"),
    [
        ("198.51.100.7/24", "0000:0000:0000:0000:0000:ffff:c633:6400", 120),
        ("200.200.200.200", "0000:0000:0000:0000:0000:ffff:c8c8:c8c8", 128),
        ("2001:db8::1/32", "2001:0db8:0000:0000:0000:0000:0000:0000", 32),
        (" ::1 ", "0000:0000:0000:0000:0000:0000:0000:0001", 128),
        ("::ffff:192.0.2.0/120", "0000:0000:0000:0000:0000:ffff:c000:0200", 120),
    ],
)
def test_the_wire_form(text: str, address: str, mask: int) -> None:
    """Host bits are cleared, IPv4 is mapped, and the wire form gives the block again."""
    block = ip_block(text)
    assert (block.address, block.mask) == (address, mask)
    assert IpBlock.of(address, mask) == block


@given(networks)
def test_a_block_has_the_addresses_of_the_network(text: str) -> None:
    """First and last address agree with the standard library."""
    network, block = ipaddress.ip_network(text, strict=False), ip_block(text)
    assert block.first == ip_number(str(network.network_address))
    assert block.last == ip_number(str(network.broadcast_address))


@given(st.text(max_size=50) | st.from_regex(r"[0-9a-f:./%]{1,20}", fullmatch=True))
def test_any_text_is_a_block_or_refused(text: str) -> None:
    """Only ``ValueError`` is raised."""
    with suppress(ValueError):
        block = ip_block(text)
        assert 0 <= block.first <= block.last < 1 << 128
    assert (ip_number(text) or 0) >= 0


@pytest.mark.parametrize("text", ["", "x", "10.0.0.0/33", "::/129", "10.0.0.0/255.0.0.0", "10.0.0/8", "fe80::1%a/64"])
def test_what_is_no_block(text: str) -> None:
    """Netmasks and zones are rejected, too."""
    with pytest.raises(ValueError, match="is not an address or block such as"):
        ip_block(text)


def test_addresses_as_numbers() -> None:
    """Both spellings of an IPv4 address give the same number; a zone is ignored; invalid text gives None."""
    assert ip_number("192.0.2.1") == ip_number(" ::ffff:192.0.2.1 ") == 0xFFFF_C000_0201
    assert ip_number("fe80::1%eth0") == ip_number("fe80::1")
    assert ip_number("192.0.2.0/24") is None


@given(st.lists(networks, max_size=12))
def test_the_outermost_blocks_have_the_same_addresses_once(texts: list[str]) -> None:
    """They are disjoint and sorted, and every block is within one of them."""
    blocks = [ip_block(text) for text in texts]
    kept = outermost(blocks)
    assert all(left.last < right.first for left, right in itertools.pairwise(kept))
    assert all(any(outer.first <= block.first and block.last <= outer.last for outer in kept) for block in blocks)
    assert set(kept) <= set(blocks)
