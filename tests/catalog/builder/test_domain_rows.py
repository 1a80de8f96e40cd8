"""The table for matching hosts."""

from __future__ import annotations

from opencasb.catalog.builder.assemble import Assembled
from opencasb.catalog.builder.domain_rows import DomainFact, domain_rows
from opencasb.catalog.builder.naming import Fact
from opencasb.catalog.builder.platforms import Platform
from opencasb.catalog.suffixes import PublicSuffixes

SUFFIXES = PublicSuffixes(["com", "net", "io"], ["s3.acme.com", "pages.io"])


def rows(domains: list[str], platforms: list[Platform], private: list[str]) -> dict[str, DomainFact]:
    """Return the rows of one app by domain."""
    fact = Fact("", None)
    app = Assembled("acme.com", fact, fact, fact, frozenset(), dict.fromkeys(domains, "curated"), {"a.pages.io": "v2"})
    return {row.domain: row for row in domain_rows([app], {"acme.com": 7}, platforms, private, SUFFIXES)}


def test_shown_domains_come_first_and_patterns_and_brands_are_hidden() -> None:
    """A pattern's registrable domain is that of its platform; a top-level domain has none."""
    found = rows(["acme.com", "drive.acme.com", "*-my.acme.com", "acmebrand"], [], [])
    assert [row.domain for row in found.values() if row.shown] == ["acme.com", "drive.acme.com"]
    assert found["drive.acme.com"].registrable == "acme.com"
    assert found["*-my.acme.com"].tenants
    assert found["*-my.acme.com"].registrable == "acme.com"
    assert found["acmebrand"].registrable is None


def test_platforms_and_private_suffixes_below_an_app_hold_its_customers() -> None:
    """Suffixes without an app are left out; service hosts belong to the app itself."""
    platform = Platform(domain="acme.com", services=("sync",))
    found = rows(["acme.com"], [platform, Platform(domain="stranger.com")], ["s3.acme.com", "pages.io"])
    assert found["acme.com"].tenants
    assert (found["s3.acme.com"].tenants, found["s3.acme.com"].shown) == (True, False)
    assert not found["sync.acme.com"].tenants
    assert {"stranger.com", "pages.io"}.isdisjoint(found)


def test_a_platform_below_a_private_suffix_is_shown_under_the_apps_domain() -> None:
    """Its own label belongs to the vendor, not to a customer."""
    assert rows(["s3.acme.com"], [Platform(domain="eu.s3.acme.com")], [])["eu.s3.acme.com"].registrable == "acme.com"


def test_places_on_others_platforms_are_matched_but_not_shown() -> None:
    """A place is a page of the app on another platform."""
    place = rows(["acme.com"], [], [])["a.pages.io"]
    assert not place.shown
    assert place.registrable == "a.pages.io"


def test_regional_hosts_are_matched_but_not_shown() -> None:
    """Those of a product below the domain of another app of its vendor."""
    fact = Fact("", None)
    apps = [
        Assembled(name, fact, fact, fact, frozenset(), {name: "curated"}, {}) for name in ("acme.com", "ai.acme.com")
    ]
    regional = {"eu-ai.acme.com": "ai.acme.com"}
    found = {
        row.domain: row for row in domain_rows(apps, {"acme.com": 7, "ai.acme.com": 8}, [], [], SUFFIXES, regional)
    }
    assert (found["eu-ai.acme.com"].app_id, found["eu-ai.acme.com"].shown) == (8, False)
    assert not found["eu-ai.acme.com"].tenants
