"""Shared rules for users, addresses, hosts and sizes."""

from __future__ import annotations

import ipaddress

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.values import (
    FEW,
    addresses,
    map_distinct,
    matching,
    read_authority,
    sizes,
    targets,
    users,
)


def series(*values: str | None) -> pl.Series:
    """Return a column of text."""
    return pl.Series("given", values, pl.String)


@pytest.mark.parametrize(
    "nobody",
    [
        "",
        "-",
        " ",
        "N/A",
        "NA",
        "None",
        "unknown",
        "Unknown",
        "anonymous",
        "Not Found",
        "No Authentication Required",
        "(null)",
    ],
)
def test_nobody(nobody: str) -> None:
    """All placeholders for no user give no user."""
    assert users(series(nobody, None)).to_list() == [None, None]


def test_users() -> None:
    """Names are kept as logged; %-escapes are decoded if the format uses them."""
    names = series("CORP\\joe", "joe@example.com", " Joe Doe ", "a%5cb")
    assert users(names).to_list() == ["CORP\\joe", "joe@example.com", "Joe Doe", "a%5cb"]
    assert users(names, encoded=True).to_list()[3] == "a\\b"


def test_users_whose_backslash_was_escaped_on_the_way() -> None:
    assert users(series("CORP\\\\joe", "CORP\\\\\\\\joe", "a\\b\\\\c", None)).to_list() == [
        "CORP\\joe",
        "CORP\\joe",
        "a\\b\\c",
        None,
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1:8080", "10.0.0.1"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),
        ("unknown,10.0.0.2", None),
        ("010.001.000.001", "10.1.0.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("256.0.0.1", None),
        ("10.0.0", None),
        ("example.com", None),
        ("-", None),
        ("", None),
        ("\N{ARABIC-INDIC DIGIT ONE}0.0.0.1", None),
        (None, None),
        ("192.0.2.", None),
        ("192..2.1", None),
    ],
)
def test_addresses(text: str | None, address: str | None) -> None:
    """Addresses are returned in canonical form, anything else is not an address."""
    assert addresses(series(text)).item() == address


@pytest.mark.parametrize(
    ("text", "host", "address"),
    [
        ("www.example.com", "www.example.com", None),
        ("WWW.Example.COM.:443", "www.example.com", None),
        ("user:secret@example.com:80", "example.com", None),
        ("example.com?q=1", "example.com", None),
        ("example.com/path@x", "example.com", None),
        ("my_host-1.example.com:", "my_host-1.example.com", None),
        ("intranet", "intranet", None),
        ("bücher.example", "xn--bcher-kva.example", None),
        ("10.0.0.1:443", None, "10.0.0.1"),
        ("[2001:db8::1]:443", None, "2001:db8::1"),
        ("2001:db8::1", None, "2001:db8::1"),
        ("1.2.3.4.5", None, None),
        ("exa mple.com", "exa", None),
        ("a..b", None, None),
        (".", None, None),
        ("*.Example.com:443", "example.com", None),  # from a certificate
        ("*.", None, None),
        ("a.*.example.com", None, None),
        ("-", None, None),
        ("N/A", None, None),
        ("n/a.html", "n", None),
        ("x" * 254, None, None),
        ("xn--ü", None, None),
        (None, None, None),
    ],
)
def test_targets(text: str | None, host: str | None, address: str | None) -> None:
    """A host is lower-cased, without port and final dot; an address is not a host."""
    found = targets(series(text))
    assert found.rows() == [(host, address)]


@given(st.lists(st.ip_addresses(), min_size=1, max_size=5), st.booleans())
def test_every_address(drawn: list[ipaddress.IPv4Address | ipaddress.IPv6Address], port: bool) -> None:
    """Every address is read back, with or without a port, and is not a host."""
    written = [f"[{a}]" if port and a.version == 6 else str(a) for a in drawn]
    texts = [f"{text}:443" if port else text for text in written]
    usual = [str(getattr(a, "ipv4_mapped", None) or a) for a in drawn]
    assert addresses(series(*texts)).to_list() == usual
    assert targets(series(*texts)).rows() == [(None, text) for text in usual]


@given(st.lists(st.text(max_size=20) | st.none(), max_size=8))
def test_columns_agree_with_single_values(texts: list[str | None]) -> None:
    """The fast path on distinct values agrees with single values, and with a few."""
    alone = [(None, None) if text is None else read_authority(text) for text in texts]
    assert targets(series(*texts)).rows() == alone
    assert targets(series(*texts * FEW)).rows() == alone * FEW


def test_sizes() -> None:
    """Sizes are integers up to a petabyte."""
    texts = ["0", "512", "-", "", "-1", "1.5", "99999999999999999999", "1000000000000001", None, "1e3"]
    assert sizes(series(*texts)).to_list() == [0, 512, *[None] * 8]


def test_sizes_between_blanks() -> None:
    """Characters that a relay left at the end of a line are not part of a number."""
    assert sizes(series("512 ", "7\t", " 3", " ", "4 4", "5")).to_list() == [512, 7, 3, None, None, 5]


def test_map_distinct() -> None:
    """The function is called once per distinct text, and results are in row order."""
    asked: list[str | None] = []

    def rule(texts: pl.Series) -> pl.DataFrame:
        asked.extend(texts)
        return texts.str.to_uppercase().alias("upper").to_frame()

    column = series(*["a", None, "b", "a", "a", None, "b", "a"] * FEW)
    assert map_distinct(column, rule)["upper"].to_list() == ["A", None, "B", "A", "A", None, "B", "A"] * FEW
    assert sorted(asked, key=str) == [None, "a", "b"]
    assert map_distinct(column[:3], rule)["upper"].to_list() == ["A", None, "B"]


def test_matching() -> None:
    """Null matches nothing, and possibly nothing matches at all."""
    for times in (1, FEW):
        texts = pl.Series(["DENIED", None, "OBSERVED", "DENIED"] * times)
        assert matching(texts, "(?i)den").to_list() == [True, False, False, True] * times
        assert matching(texts, "PROXIED").to_list() == [False] * 4 * times
    assert matching(texts.clear(), "x").to_list() == []


def test_a_hostile_text_of_a_megabyte_is_neither_host_nor_address() -> None:
    """Nothing tries its parts one by one, which would never end."""
    hostile = series("a." * 500_000, "@" * 1_000_000, "[" * 1_000_000, ":" * 1_000_000, "é" * 500_000, "1" * 1_000_000)
    assert targets(hostile).null_count().row(0) == (6, 6)
    assert addresses(hostile).null_count() == 6
