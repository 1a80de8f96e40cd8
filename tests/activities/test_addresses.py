"""IP addresses as sources write them."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.addresses import is_public, read_address

printed = st.ip_addresses().map(str)


def test_the_shared_cases(shared: Path) -> None:
    """Every verified text of the samples gives the expected address."""
    lines = (shared / "samples" / "enrichment" / "addresses.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    assert len(cases) > 40
    assert [{"raw": case["raw"], "ip": read_address(case["raw"])} for case in cases] == cases


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("198.51.100.9:443", "198.51.100.9"),
        ("198.51.100.9 port 443", "198.51.100.9"),
        ("[2001:DB8::9]:443", "2001:db8::9"),
        ("[fe80::9%eth0]:443", "fe80::9"),
        ("2001:db8:1:2:3:4:5:6p443", "2001:db8:1:2:3:4:5:6"),
        ("2001:db8:1:2:3:4:5:6.443", "2001:db8:1:2:3:4:5:6"),
        ("2001:db8:1:2:3:4:5:6:443", "2001:db8:1:2:3:4:5:6"),
        ("2001:db8::9 port 443", "2001:db8::9"),
        ("::ffff:198.51.100.9", "198.51.100.9"),
        ("::ffff:198.51.100.9:443", "198.51.100.9"),
        ("::ffff:0.0.0.0", None),
        ("192.168.0.1, 10.0.0.1", "192.168.0.1"),
        ("unknown, 10.0.0.1, 198.51.100.9", "198.51.100.9"),
        ("100.64.1.1,2001:db8::9", "2001:db8::9"),
        ("198.51.100.0/24", None),
        ("198.51.100.256", None),
        ("198.51.100.09", None),
        ("١٩٨.51.100.9", None),
        ("2001:db8:1:2:3:4:5:6:7:443", None),
        ("service.example", None),
        (None, None),
        ("," * 100_000 + "198.51.100.9", None),
    ],
)
def test_addresses_are_read_without_port_and_brackets(raw: str | None, address: str | None) -> None:
    """Ports, brackets, zones and IPv4 mapping are removed; networks and words are no address (§3.3)."""
    assert read_address(raw) == address


@pytest.mark.parametrize("address", ["203.0.113.9", "198.51.100.9", "2001:db8::9", "100.128.0.1", "172.32.0.1"])
def test_networks_of_documentation_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "::1", "fd00::1"]
)
def test_addresses_inside_a_house_have_no_place(address: str) -> None:
    assert not is_public(address)


def test_what_is_no_address_is_not_public() -> None:
    assert not is_public("example.org")


@given(printed, st.integers(0, 65535))
def test_a_port_is_taken_off(address: str, port: int) -> None:
    expected = read_address(address)
    assert read_address(f"[{address}]:{port}") == expected
    assert read_address(f"{address} port {port}") == expected


@given(st.text(max_size=60) | st.lists(printed | st.text(max_size=5), max_size=3).map(",".join))
def test_the_result_is_an_address_in_its_usual_form(text: str) -> None:
    found = read_address(text)
    assert found is None or (str(ipaddress.ip_address(found)) == found == read_address(found))
