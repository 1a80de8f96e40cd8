"""Kinds of values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.discovery.inference.columns import (
    Column,
    address_columns,
    is_address,
    is_host,
    is_person,
    is_private,
    is_url,
)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("10.0.0.1", {"address", "private"}),
        ("203.0.113.9:443", {"address"}),
        ("[2001:db8::1]:443", {"address"}),
        ("0.0.0.0", set()),  # noqa: S104 -- no binding
        ("files.contoso.com", {"host", "person"}),
        ("browser.exe", {"person"}),
        ("https://a.example/x", {"url"}),
        ("a.example/x", {"url"}),
        ("text/html", {"person"}),
        ("ann.smith@corp.example", {"person"}),
        ("CORP\\ann", {"person"}),
        ("LDAP://dc/ann", {"person"}),
        ("443", set()),
        ("anonymous", set()),
    ],
)
def test_kinds(text: str, kinds: set[str]) -> None:
    """Addresses, hosts, URLs and possible names."""
    tests: dict[str, Callable[[str], bool]] = {
        "address": is_address,
        "private": is_private,
        "host": is_host,
        "url": is_url,
        "person": is_person,
    }
    assert {kind for kind, test in tests.items() if test(text)} == kinds


@pytest.mark.parametrize("text", ["a." * 5000 + "5", "a." * 5000 + "/ "])
def test_long_values_are_told_at_once(text: str) -> None:
    """A near-host is classified as fast as any other text, without backtracking."""
    assert not is_host(text)
    assert not is_url(text)


@pytest.mark.parametrize(
    ("name", "hint"), [("SrcIP", "_src_ip_"), ("cs(User-Agent)", "_cs_user_agent_"), ("srcBytes", "_src_bytes_")]
)
def test_names_become_words(name: str, hint: str) -> None:
    """Any separator is accepted."""
    assert Column(name, [], name).hint == hint


@pytest.mark.parametrize("form", ["{}/443", "outside:{}/443", "DIRECT/{}", "{}(443)", "{}:50000:X0:pc7"])
def test_addresses_are_found_in_what_stands_around_them(form: str) -> None:
    """Ports, interfaces and words."""
    wanted = [f"203.0.113.{n}" for n in range(1, 9)]
    found = address_columns([Column("x", [form.format(each) for each in wanted], "x")])
    assert wanted in [column.values for column in found]
