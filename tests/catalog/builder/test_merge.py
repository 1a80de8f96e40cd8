"""Merging of domains into apps."""

from __future__ import annotations

from opencasb.catalog.builder.claims import Claim
from opencasb.catalog.builder.entry import Entry, Role
from opencasb.catalog.builder.merge import LARGE_LIST, Link, Merger


def claim(node: str, name: str, role: Role = Role.SERVICE) -> Claim:
    """Return a claim about a domain."""
    return Claim(entry=Entry(source="twofactorauth", role=role, name=name), node=node, fit=3.0)


def clusters(claims: list[Claim], links: list[Link], **more: object) -> dict[str, list[str]]:
    """Return main domain → domains after merging."""
    bare = more.get("bare", {})
    ranks = more.get("ranks", {})
    closed = more.get("closed", frozenset())
    merger = Merger(claims, bare, ranks)  # type: ignore[arg-type]  # options of the test
    merger.apply(links, closed)  # type: ignore[arg-type]
    return {anchor: sorted(cluster.domains) for anchor, cluster in merger.clusters.items()}


def test_a_free_domain_joins_the_app_that_a_source_links() -> None:
    """The simple case."""
    assert clusters([claim("acme.com", "Acme")], [Link("acme.com", "acmecdn.net", "s", 1)]) == {
        "acme.com": ["acme.com", "acmecdn.net"]
    }


def test_the_main_domain_of_another_app_is_not_swallowed() -> None:
    """A university that lists its sign-in provider does not own it."""
    claims = [claim("northwold.edu", "Northwold"), claim("okta.com", "Okta")]
    assert clusters(claims, [Link("northwold.edu", "okta.com", "s", 1)]) == {
        "northwold.edu": ["northwold.edu"],
        "okta.com": ["okta.com"],
    }


def test_linked_apps_of_one_name_or_label_become_one() -> None:
    """A renamed service and a country variant; the app with more services keeps its main domain."""
    claims = [claim("x.com", "X"), claim("x.com", "Chirp"), claim("chirp.com", "Chirp")]
    assert clusters(claims, [Link("chirp.com", "x.com", "s", 1)]) == {"x.com": ["chirp.com", "x.com"]}
    variants = [claim("acme.com", "Acme"), claim("acme.de", "Acme Deutschland")]
    assert clusters(variants, [Link("acme.com", "acme.de", "s", 1)]) == {"acme.com": ["acme.com", "acme.de"]}


def test_equal_labels_without_a_link_stay_strangers() -> None:
    """No source links them."""
    assert len(clusters([claim("mocha.com", "Mocha"), claim("mocha.io", "Mocha")], [])) == 2


def test_joining_is_not_transitive() -> None:
    """A domain claimed by two apps goes to one of them and does not join them."""
    claims = [claim("acme.com", "Acme"), claim("rivet.com", "Rivet")]
    links = [Link("acme.com", "rivetcdn.net", "s", 1), Link("rivet.com", "rivetcdn.net", "s", 1)]
    assert clusters(claims, links) == {"acme.com": ["acme.com"], "rivet.com": ["rivet.com", "rivetcdn.net"]}


def test_a_company_register_gives_only_variants_and_well_known_domains() -> None:
    """Defensively registered misspellings are not the app's domains."""
    size = LARGE_LIST + 1
    links = [Link("acme.com", domain, "s", size) for domain in ("acme.de", "acmee.com", "acmecdn.net")]
    assert clusters([claim("acme.com", "Acme")], links, ranks={"acmecdn.net": 500}) == {
        "acme.com": ["acme.com", "acme.de", "acmecdn.net"]
    }


def test_a_domain_known_under_a_name_of_its_own_becomes_an_app() -> None:
    """A domain that site directories name differently is another app; a site of the same brand is not."""
    claims = [
        claim("acme.com", "Acme"),
        claim("tubely.com", "Tubely", Role.NAMING),
        claim("acmeblog.com", "Acme Blog", Role.NAMING),
    ]
    links = [Link("acme.com", "tubely.com", "s", 2), Link("acme.com", "acmeblog.com", "s", 2)]
    assert clusters(claims, links) == {"acme.com": ["acme.com", "acmeblog.com"], "tubely.com": ["tubely.com"]}


def test_reviewed_domains_do_not_move() -> None:
    """Manual decisions are final."""
    links = [Link("acme.com", "settled.com", "s", 1)]
    assert clusters([claim("acme.com", "Acme")], links, closed=frozenset({"settled.com"})) == {"acme.com": ["acme.com"]}
