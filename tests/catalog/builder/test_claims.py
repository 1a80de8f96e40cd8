"""Claims: which app an address refers to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.catalog.builder.claims import Judge, compact, fitness, split_address
from opencasb.catalog.builder.entry import Entry, Role
from opencasb.catalog.suffixes import PublicSuffixes

SUFFIXES = PublicSuffixes(["com", "co.uk", "uk", "io"], ["pages.io"])
JUDGE = Judge(SUFFIXES, families=["bigcorp.com"], shared=["codeplace.com"])


def entry(name: str, address: str, role: Role = Role.LISTED, more: tuple[str, ...] = ()) -> Entry:
    """Return a record of a curated list."""
    return Entry(source="cncf-landscape", role=role, name=name, address=address, more=more)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.Acme.com/", ("www.acme.com", "")),
        ("http://acme.com/en-GB/?ref=list", ("acme.com", "")),
        ("acme.com/products/x#top", ("acme.com", "products/x")),
        ("https://user@acme.com:8443", ("acme.com", "")),
        ("https://bücher.com", ("xn--bcher-kva.com", "")),
    ],
)
def test_addresses_are_split_into_host_and_path(address: str, expected: tuple[str, str]) -> None:
    """Language codes, queries, ports and users are removed."""
    assert split_address(address) == expected


@pytest.mark.parametrize(
    ("host", "node"),
    [
        ("www.acme.co.uk", "acme.co.uk"),
        ("app.acme.com", "acme.com"),
        ("drive.bigcorp.com", "drive.bigcorp.com"),
        ("accounts.bigcorp.com", "bigcorp.com"),
        ("me.pages.io", None),
        ("pages.io", "pages.io"),
        ("com", None),
        ("intranet", None),
    ],
)
def test_nodes_are_registrable_domains_but_hosts_within_a_family(host: str, node: str | None) -> None:
    """Places on shared suffixes are no nodes."""
    assert JUDGE.node(host) == node


@pytest.mark.parametrize(
    ("name", "address", "accepted"),
    [
        ("Acme", "https://acme.com", True),
        ("Rivet", "https://acme.com", True),  # a brand may use another domain
        ("Rivet", "https://acme.com/rivet", False),  # one product of a vendor
        ("Rivet", "https://rivet.acme.com", False),
        ("Acme", "https://rivet.acme.com", True),
        ("Rivet", "https://codeplace.com/rivet", False),
        ("Codeplace", "https://codeplace.com/about", True),
    ],
)
def test_an_address_elsewhere_names_an_app_only_if_the_name_agrees(name: str, address: str, accepted: bool) -> None:
    """Press kits, product pages and files on other platforms do not rename an app."""
    assert (JUDGE.claim(entry(name, address)) is not None) is accepted


def test_brand_lists_need_the_brand_in_the_domain() -> None:
    """A logo on a design site does not identify that site."""
    assert JUDGE.claim(entry("Oppy", "https://acme.com", Role.NAMING)) is None
    assert JUDGE.claim(entry("Acme!", "https://acme.com", Role.NAMING)) is not None


def test_only_further_domains_that_are_registrable_are_taken() -> None:
    """A host below another domain is ignored."""
    claim = JUDGE.claim(entry("Acme", "acme.com", more=("acme.io", "cdn.rivet.com", "drive.bigcorp.com")))
    assert claim is not None
    assert claim.more == ("acme.io", "drive.bigcorp.com")


@pytest.mark.parametrize(
    ("name", "node", "expected"),
    [
        ("monday.com", "monday.com", 4),
        ("Acme", "acme.com", 3),
        ("Acme Pay", "acme.com", 2),
        ("Northern Bank Group", "nbg.com", 2),
        ("Rivet", "acme.com", 1),
    ],
)
def test_fitness_tells_how_well_name_and_domain_agree(name: str, node: str, expected: float) -> None:
    """It decreases from an equal domain to nothing in common."""
    assert fitness(name, node) == expected


def test_names_are_compared_without_case_signs_and_accents() -> None:
    """Different spellings of a name are equal."""
    assert compact("Café & Co.") == compact("cafe and co") == "cafeandco"
    assert compact("!!") == "!!"


@given(st.text(), st.text())
def test_any_text_can_be_judged(name: str, address: str) -> None:
    """Hostile input raises nothing."""
    JUDGE.claim(entry(name, address))
