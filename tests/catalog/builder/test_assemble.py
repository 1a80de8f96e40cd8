"""Finished apps."""

from __future__ import annotations

from opencasb.catalog.builder.assemble import Assembled, DomainEvidence, assemble
from opencasb.catalog.builder.claims import Claim
from opencasb.catalog.builder.curated import load
from opencasb.catalog.builder.entry import Entry, Level, Role, Statement
from opencasb.catalog.builder.merge import Cluster
from opencasb.catalog.builder.source_table import sources

NOTHING = DomainEvidence({}, frozenset())
CURATED = load(
    """
reviewed = "2026-01-01"
app = [
  { name = "Acme", category = "CRM", domains = ["acme.com", "acmebrand"], source = "https://acme.com" },
  { name = "Rivet", category = "CRM", domains = ["rivet.com"], whole = true, source = "https://rivet.com" },
]
"""
)


def cluster(anchor: str, name: str, *more: str) -> Cluster:
    """Return an app before assembly."""
    claim = Claim(entry=Entry(source="twofactorauth", role=Role.SERVICE, name=name), node=anchor, fit=3.0)
    return Cluster(anchor, claims=[claim], domains=dict.fromkeys((anchor, *more), "twofactorauth"))


def assembled(
    *clusters: Cluster, name_only: tuple[Entry, ...] = (), evidence: DomainEvidence = NOTHING
) -> dict[str, Assembled]:
    """Return the apps by key."""
    found = assemble({item.anchor: item for item in clusters}, CURATED, name_only, evidence, sources())
    return {app.key: app for app in found}


def test_a_reviewed_app_takes_over_domains_unless_it_is_whole() -> None:
    """Its own domains come first."""
    apps = assembled(cluster("acme.com", "ACME Inc", "acmecdn.net"), cluster("rivet.com", "Rivet", "rivets.net"))
    assert list(apps["acme.com"].domains) == ["acme.com", "acmebrand", "acmecdn.net"]
    assert apps["acme.com"].name == ("Acme", "curated")
    assert list(apps["rivet.com"].domains) == ["rivet.com"]


def test_apps_below_a_brands_own_top_level_domain_are_the_brands() -> None:
    """They are not separate apps."""
    assert "tools.acmebrand" not in assembled(cluster("tools.acmebrand", "Acme Tools"))


def test_names_are_unique_and_the_better_known_app_keeps_the_plain_one() -> None:
    """The others have their domain appended."""
    apps = assembled(cluster("acme.io", "Acme"), cluster("mocha.net", "Mocha"), cluster("mocha.com", "Mocha"))
    assert apps["acme.com"].name.value == "Acme"
    assert apps["acme.io"].name.value == "Acme (acme.io)"
    assert (apps["mocha.com"].name.value, apps["mocha.net"].name.value) == ("Mocha", "Mocha (mocha.net)")


def test_a_host_that_only_repeats_its_familys_name_is_no_app() -> None:
    """It belongs to the domain's app."""
    apps = assembled(cluster("bigcorp.com", "Bigcorp"), cluster("search.bigcorp.com", "Bigcorp"))
    assert "search.bigcorp.com" not in apps


def test_records_without_an_address_speak_about_the_only_app_of_their_name() -> None:
    """With two namesakes they apply to neither."""
    entry = Entry(
        source="composio-toolkits",
        role=Role.NAME_ONLY,
        name="Mocha",
        categories=(Statement(Level.SECTION, "SAASDB_CATEGORY_CRM"),),
    )
    alone = assembled(cluster("mocha.com", "Mocha"), name_only=(entry,))
    assert alone["mocha.com"].category.value == "SAASDB_CATEGORY_CRM"
    twins = assembled(cluster("mocha.com", "Mocha"), cluster("mocha.net", "Mocha"), name_only=(entry,))
    assert twins["mocha.com"].category.source is None


def test_lists_of_domains_classify_and_mark_trackers() -> None:
    """The main domain decides."""
    evidence = DomainEvidence({"pixel.com": {"SAASDB_CATEGORY_ADVERTISING"}}, frozenset({"pixel.com"}))
    app = assembled(cluster("pixel.com", "Pixel"), evidence=evidence)["pixel.com"]
    assert app.category.value == "SAASDB_CATEGORY_ADVERTISING"
    assert app.flags == {"tracker"}
