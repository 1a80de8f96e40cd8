"""Registrable domains."""

from __future__ import annotations

import pytest
import tldextract
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.builder.materials import suffix_rules
from opencasb.catalog.suffixes import PRIVATE_SECTION, PublicSuffixes, punycode

PUBLIC, PRIVATE = suffix_rules()
SUFFIXES = PublicSuffixes(PUBLIC, PRIVATE)
LIBRARY = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
LIBRARY_PUBLIC = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

SUFFIX_NAMES = [rule.removeprefix("*.").removeprefix("!") for rule in PUBLIC + PRIVATE]
labels = st.sampled_from("a bb www github s3 amazonaws co uk kobe jp ck com io local kawasaki city xn--p1ai".split())  # noqa: SIM905
hosts = st.lists(labels | st.sampled_from(SUFFIX_NAMES), min_size=1, max_size=5).map(".".join)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.co.uk", "b.co.uk"),
        ("x.y.github.io", "y.github.io"),
        ("github.io", "github.io"),
        ("bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com"),
        ("co.uk", None),
        ("com", None),
        ("intranet", None),
        ("printer.local", None),
        ("192.0.2.1", None),
        ("a.b.ck", "a.b.ck"),
        ("b.ck", None),
        ("www.ck", "www.ck"),
        ("x.city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.b.xn--p1ai", "b.xn--p1ai"),
        ("", None),
        ("..", None),
    ],
)
def test_registrable_domains(host: str, expected: str | None) -> None:
    """Plain, wildcard and exception rules, private suffixes, and internal names."""
    assert SUFFIXES.registrable(host) == expected


def test_the_owner_of_a_customers_place_is_the_platform() -> None:
    """Private rules are ignored."""
    assert SUFFIXES.owner("x.github.io") == "github.io"


@given(hosts)
def test_registrable_domains_are_those_of_the_library(host: str) -> None:
    """The compiled rules agree with tldextract; for a private suffix itself, with tldextract without private rules."""
    expected = LIBRARY.extract_str(host).top_domain_under_public_suffix
    assert (SUFFIXES.registrable(host) or "") == (
        expected or LIBRARY_PUBLIC.extract_str(host).top_domain_under_public_suffix
    )


@given(st.text())
def test_any_text_is_a_host(text: str) -> None:
    """Nothing raises, and a registrable domain is a suffix of the host."""
    host = punycode(text)
    found = SUFFIXES.registrable(host)
    assert found is None or host.endswith(found)


def test_rule_files_are_parsed() -> None:
    """Comments and empty lines are skipped; private rules follow their marker."""
    parsed = PublicSuffixes.parse(f"// notice\ncom\n\n{PRIVATE_SECTION}\npages.com\n")
    assert parsed.registrable("a.b.pages.com") == "b.pages.com"
    assert parsed.owner("a.b.pages.com") == "pages.com"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("Bücher.DE", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("EXAMPLE.com", "example.com"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("☃\u200d.a b", "☃\u200d.a b"),
    ],
)
def test_names_are_turned_into_ascii_where_they_can(host: str, expected: str) -> None:
    """A name without an ASCII form is only converted to lower case."""
    assert punycode(host) == expected
