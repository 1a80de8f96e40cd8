"""The subjects of findings."""

from __future__ import annotations

import pytest

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.claims import Judge
from opencasb.catalog.builder.facts.finding import Finding
from opencasb.catalog.builder.facts.subjects import Closeness, Subjects
from opencasb.catalog.builder.materials import suffix_rules
from opencasb.catalog.builder.naming import Fact
from opencasb.catalog.suffixes import PublicSuffixes


def app(name: str, *domains: str, reviewed: bool = False, title: str = "") -> Assembled:
    """Return an app."""
    return Assembled(
        key=domains[0],
        name=Fact(name, "s"),
        category=Fact("", None),
        vendor=Fact("", None),
        flags=frozenset(),
        domains=dict.fromkeys(domains, "s"),
        hidden={},
        evidence="https://review" if reviewed else None,
        title=title,
    )


APPS = [
    app("Acme", "acme.com", "acme.de", "othername.com"),
    app("Bigcorp", "bigcorp.com"),
    app("Bigcorp Drive", "drive.bigcorp.com"),
    app("Codeplace", "codeplace.com"),
    app("Box", "box.com", reviewed=True),
    app("Box (box.example.org)", "example.org", title="Box"),
    app("Zip", "zip.co"),
    app("Northwind Traders", "northwind.com"),
]
SUBJECTS = Subjects(
    APPS, [("more.net", APPS[0])], Judge(PublicSuffixes(*suffix_rules()), ["bigcorp.com"], ["codeplace.com"])
)


def found(address: str = "", name: str = "") -> tuple[str, Closeness] | None:
    """Return the name of a finding's app, and how closely it matches."""
    subject = SUBJECTS.of(Finding(factor="f", value=True, source="s", address=address, name=name))
    return subject and (subject[0].name.value, subject[1])


@pytest.mark.parametrize(
    ("address", "name", "app_name", "closeness"),
    [
        ("acme.com", "Acme", "Acme", Closeness.EXACT),
        ("https://www.acme.com/", "ACME", "Acme", Closeness.EXACT),
        ("https://app.acme.com", "", "Acme", Closeness.DOMAIN),
        ("acme.com", "Road Runner Supplies", "Acme", Closeness.DOMAIN),
        ("acme.de", "", "Acme", Closeness.NAME),
        ("othername.com", "Acme", "Acme", Closeness.NAME),
        ("https://acme.com/pricing", "Acme", "Acme", Closeness.EXACT),
        ("https://northwind.com/traders", "Northwind Traders Enterprise", "Northwind Traders", Closeness.EXACT),
        ("drive.bigcorp.com", "", "Bigcorp Drive", Closeness.DOMAIN),
        ("bigcorp.com", "Bigcorp", "Bigcorp", Closeness.EXACT),
        ("", "Northwind Traders", "Northwind Traders", Closeness.NAME),
        ("", "box", "Box", Closeness.NAME),
        ("https://codeplace.com/acme/policy", "Northwind Traders", "Northwind Traders", Closeness.NAME),
    ],
)
def test_the_app_is_found(address: str, name: str, app_name: str, closeness: Closeness) -> None:
    """Its main domain or its name match."""
    assert found(address, name) == (app_name, closeness)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("othername.com", ""),  # a further domain under another brand
        ("othername.com", "Other Name"),
        ("https://acme.com/rockets", "Rockets"),  # a product page
        ("rockets.acme.com", "Rockets"),  # a product's host
        ("bigcorp.com", "Bigcorp Mail"),  # a sibling in a family
        ("mail.bigcorp.com", ""),
        ("https://codeplace.com/acme", "Unknown"),  # a place on a shared platform
        ("", "Zip"),  # a short name without a review
        ("", "Nobody"),
        ("nobody.com", "Nobody"),
        ("", ""),
    ],
)
def test_nobody_is_found(address: str, name: str) -> None:
    """Findings about a part, a sibling, a customer or a namesake have no subject."""
    assert found(address, name) is None


def test_the_owner_of_a_host_is_whoever_holds_a_domain_above_it() -> None:
    """The layer's further domains count, too."""
    for host in ("a.b.acme.com", "othername.com", "x.more.net"):
        owner = SUBJECTS.owner(host)
        assert owner is APPS[0]
    assert SUBJECTS.owner("nobody.com") is None
