"""Lookups of IP addresses, compared with the standard library."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.ip_ranges import Range, RangeIndex, RangeIndexes
from opencasb.catalog.networks import AddressTable, disjoint, parse_network, prefix_of
from opencasb.model.ip_block import ip_block
from opencasb.store.database import Database
from opencasb.store.ip_range_documents import RangeRule
from opencasb.store.ip_ranges import IpRanges

AWS, TOR = "000000290000000000000000", "2dfa95cd7922d979d66fcff5"


def record(name: str, subnets: Sequence[str], **more: Any) -> dict[str, Any]:
    """Return the parts of a wire record that an index reads."""
    blocks = [ip_block(text) for text in subnets]
    return {
        "name": name,
        "category": 1,
        "subnets": [{"address": block.address, "mask": block.mask} for block in blocks],
        "tags": [],
        "organization": None,
        "location": None,
        **more,
    }


def amazon() -> AddressTable:
    """Return a table with one block of a provider, and one of an app that is not a known provider."""
    networks = [("203.0.113.0/24", 11599), ("192.0.2.0/24", 38536)]
    prefixes = [prefix_of(network, app) for text, app in networks if (network := parse_network(text)) is not None]
    return AddressTable(disjoint(prefixes))


few = st.integers(0, 255)
v4 = st.tuples(few, few).map(lambda pair: f"10.0.{pair[0]}.{pair[1]}")
v6 = st.tuples(few, few).map(lambda pair: f"2001:db8::{pair[0]:x}:{pair[1]:x}")
addresses = v4 | v6
networks = st.tuples(v4, st.integers(8, 32)) | st.tuples(v6, st.integers(24, 128))


@given(st.lists(networks.map(lambda pair: f"{pair[0]}/{pair[1]}"), max_size=20), st.lists(addresses, max_size=10))
def test_the_longest_prefix_wins(texts: list[str], wanted: list[str]) -> None:
    """It does for any blocks and addresses of both versions; the first of equal blocks wins."""
    index = RangeIndex([record(str(at), [text]) for at, text in enumerate(texts)])
    parsed = [ipaddress.ip_network(text, strict=False) for text in texts]
    for text in wanted:
        address = ipaddress.ip_address(text)
        matching = [at for at, network in enumerate(parsed) if address in network]
        best = max(matching, key=lambda at: (parsed[at].prefixlen, -at), default=None)
        found = index.find(text)
        assert (None if found is None else found.name) == (None if best is None else str(best))


@given(st.text(max_size=20))
def test_any_text_is_looked_up(text: str) -> None:
    """Invalid addresses are not found, even if a range includes all addresses."""
    found = RangeIndex([record("all", ["::/0"])]).find(text)
    assert found is None or found.name == "all"
    assert RangeIndex().find(text) is None


def test_both_spellings_of_an_ipv4_address_are_found() -> None:
    """The wire format maps IPv4 into IPv6."""
    index = RangeIndex([record("A", ["192.0.2.0/24"])])
    for text in ("192.0.2.9", "::ffff:192.0.2.9", "::ffff:c000:209"):
        assert index.find(text) == Range("A", 1, ())
    assert index.find("192.0.3.9") is None


def test_tags_of_range_and_provider_add_up() -> None:
    """The range's category wins; a provider alone makes an address a cloud provider's; other lists have no effect."""
    tags = [{"id": TOR}]
    index = RangeIndex([record("A", ["203.0.113.0/25"], tags=tags), record("B", ["198.51.100.0/24"])], amazon())
    assert index.find("203.0.113.1") == Range("A", 1, (TOR, AWS))
    assert index.find("203.0.113.200") == Range("", 5, (AWS,))
    assert index.find("198.51.100.1") == Range("B", 1, ())
    assert index.find("192.0.2.1") is None


def test_provider_and_place_replace_others_unless_switched_off(database: Database, clock: Callable[[], int]) -> None:
    """A range keeps all its values, but an index has only those in effect."""
    ranges = IpRanges(database, clock)
    place = {"name": "Porto", "countryCode": "PT"}
    for number, override in enumerate((True, False)):
        rule = RangeRule(
            name=f"R{number}",
            category=2,
            subnets=[f"10.0.{number}.0/24"],
            organization="Example Telecom",
            override_organization=override,
            location=place,
            override_location=override,
        )
        assert ranges.create(1, rule)["organization"] == "Example Telecom"
    index = RangeIndexes(ranges).of(1)
    assert index.find("10.0.0.1") == Range("R0", 2, (), "Example Telecom", place)
    assert index.find("10.0.1.1") == Range("R1", 2, ())


def test_a_change_is_known_at_once(database: Database, clock: Callable[[], int]) -> None:
    """An index is cached until the tenant's ranges change."""
    ranges = IpRanges(database, clock)
    indexes = RangeIndexes(ranges)
    assert indexes.of(1).find("10.0.0.1") is None
    made = ranges.create(1, RangeRule(name="A", category=4, subnets=["10.0.0.0/8"]))
    first = indexes.of(1)
    assert first.find("10.0.0.1") == Range("A", 4, ())
    assert indexes.of(1) is first
    assert indexes.of(2).find("10.0.0.1") is None
    ranges.delete(1, made["_id"])
    assert indexes.of(1).find("10.0.0.1") is None


def test_only_some_indexes_are_kept(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those built last; the others are built anew."""
    monkeypatch.setattr("opencasb.activities.ip_ranges.MOST_INDEXES", 2)
    indexes = RangeIndexes(IpRanges(database, clock))
    first, second, third = map(indexes.of, (1, 2, 3))
    assert (indexes.of(2) is second, indexes.of(3) is third) == (True, True)
    assert indexes.of(1) is not first
    assert indexes.of(3) is third
    assert len(indexes._kept) == 2
