"""Facts about companies."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.catalog.builder.entry import Entry, Role
from opencasb.catalog.builder.facts import company
from tests.catalog.builder.facts.sources import lines, text, values


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("6 place du Colonel Bourgoin75012 ParisFrance", "FR"),
        ("1 Main St, Springfield USA", "US"),
        ("Road North PointHong Kong", "HK"),
        ("somewhere", None),
        ("", None),
    ],
)
def test_the_country_an_address_ends_with(address: str, code: str | None) -> None:
    """It is found even without a separator between town and country."""
    assert company.country_at_end(address) == code


BESIDE = ("status.dropbox.com", "api.e.com", "Developers.e.co.uk", "docs.e.com")


def test_headquarters_from_flags_and_addresses(tmp_path: Path) -> None:
    """A flag in a list of European services gives a country; another symbol gives none."""
    european = {"list": "uscneps/Awesome-European-Tech", "url": "https://a.com", "name": "A"}
    lines(tmp_path, "awesome-lists/entries.jsonl", {**european, "flag": "🇩🇪"}, {**european, "flag": "🚀"})
    lines(tmp_path, "openfintech/vendors.jsonl", {"name": "B", "website": "https://b.com", "address": "Riga Latvia"})
    found = list(company.countries(tmp_path))
    assert values(found) == [("headquarters", "DE"), ("headquarters", "LV")]
    assert [finding.confidence for finding in found] == ["high", "medium"]


def exchanges(root: Path) -> Path:
    """Write the listings of three companies."""
    text(
        root,
        "us-listed-companies/sp500-constituents.csv",
        "Symbol,Security,Headquarters Location,Founded\n"
        'ACM,"Acme, Inc.","Austin, Texas",1999\nOLD,Old Iron,"Dublin, Ireland",2013 (1888)\n',
    )
    text(root, "us-listed-companies/nasdaq-listed.csv", 'Symbol,Security Name\nX,"Xeno, Inc. - Class A Common Stock"\n')
    return root


def test_a_listed_company_is_found_by_its_whole_name(tmp_path: Path) -> None:
    """Legal form and share class are ignored; a part of a name does not match."""
    found = company.listed(exchanges(tmp_path), ["Acme", "Old Iron", "Xeno", "Old", "Acme Robotics", ""])
    assert {vendor: values(findings) for vendor, findings in found.items()} == {
        "Acme": [("holding", "public"), ("headquarters", "US"), ("founded", 1999)],
        "Old Iron": [("holding", "public"), ("headquarters", "IE")],
        "Xeno": [("holding", "public")],
    }


def test_only_the_app_of_the_companys_name_is_as_old_as_it(tmp_path: Path) -> None:
    """An acquired company was founded in another year."""
    found = company.listed(exchanges(tmp_path), ["Acme"])["Acme"]
    own = company.about(found, "Acme", "acme.com", "Acme Cloud")
    bought = company.about(found, "Acme", "slate.com", "Slate")
    assert ("founded", 1999) in values(own)
    assert values(bought) == [("holding", "public"), ("headquarters", "US")]


def test_home_pages_are_addresses_without_a_path() -> None:
    """They come only from sources that list services, and not from developer pages."""
    entries = [
        Entry(source="s", role=Role.LISTED, name="A", address="https://www.a.com/"),
        Entry(source="s", role=Role.LISTED, name="B", address="https://b.com/pricing"),
        Entry(source="s", role=Role.LISTED, name="C", address="c.com"),
        Entry(source="s", role=Role.NAMING, name="D", address="https://d.com"),
        *(Entry(source="s", role=Role.LISTED, name="E", address=f"https://{host}") for host in BESIDE),
        Entry(source="s", role=Role.LISTED, name="Docs.rs", address="https://docs.rs"),
    ]
    assert [value for _, value in values(company.home_pages(entries))] == ["https://www.a.com/", "https://docs.rs/"]


def test_popularity_is_the_rank() -> None:
    """It belongs to the ranked domain."""
    (found,) = company.popularity({"a.com": 12})
    assert (found.address, found.value) == ("a.com", 12)
