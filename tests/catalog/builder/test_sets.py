"""Evidence about domains."""

from __future__ import annotations

from pathlib import Path

from opencasb.catalog.builder import sets
from opencasb.catalog.builder.claims import Judge
from opencasb.catalog.builder.domain_lists import Rule
from opencasb.catalog.builder.merge import Link
from opencasb.catalog.suffixes import PublicSuffixes
from tests.catalog.builder.facts.sources import document, text

JUDGE = Judge(PublicSuffixes(["com", "de", "net"], ["buckets.com"]), families=(), shared=())


def rules(*hosts: str) -> tuple[Rule, ...]:
    """Return plain rules."""
    return tuple(Rule(host, full=False, attributes=()) for host in hosts)


def test_popularity_is_read_where_it_is_there(tmp_path: Path) -> None:
    """A missing list gives no ranks."""
    assert sets.popularity(tmp_path) == {}
    text(tmp_path, "majestic-million-top15k/top15k.csv", "rank,domain,ref_subnets\n7,acme.com,100\n")
    assert sets.popularity(tmp_path) == {"acme.com": 7}


def test_sets_of_sites_join_only_variants_of_one_label(tmp_path: Path) -> None:
    """Shared credentials do not make two brands one app."""
    groups = [{"shared": ["acme.com", "acme.de", "rivet.com"]}]
    document(tmp_path, "apple-password-manager-resources/shared-credentials.json", groups)
    found = list(sets.variant_links(tmp_path, JUDGE, ["acme.com"]))
    assert found == [Link("acme.com", "acme.de", "apple-password-manager-resources", 1)]


def test_a_list_is_about_the_domain_that_bears_its_name() -> None:
    """Its other domains and its places on shared suffixes belong to it; hosts below another domain do not."""
    services = {"acme": rules("acmecdn.net", "acme.com", "acme.de", "x.rivet.com", "files.buckets.com")}
    (fact,) = sets.list_facts(services, JUDGE, {}, named=())
    assert fact == sets.ListFacts("acme.com", ("acmecdn.net", "acme.de"), ("files.buckets.com",))
    assert [link.domain for link in sets.list_links([fact])] == ["acmecdn.net", "acme.de"]


def test_a_list_without_its_name_in_a_domain_is_about_no_app() -> None:
    """A company's projects are not one service."""
    assert list(sets.list_facts({"acme-dev": rules("rivet.com")}, JUDGE, {}, named=())) == []


def test_an_app_that_others_name_is_the_preferred_anchor() -> None:
    """It precedes popularity and ``.com``."""
    services = {"acme": rules("acme.com", "acme.de")}
    (fact,) = sets.list_facts(services, JUDGE, {"acme.com": 1}, named=["acme.de"])
    assert fact.anchor == "acme.de"
