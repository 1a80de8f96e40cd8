"""Reviewed facts."""

from __future__ import annotations

import re

import msgspec
import pytest

from opencasb.catalog.builder.curated import load

FACT = 'fact = [{{ domain = "a.com", factor = "{factor}", value = {value}, source = "https://a.com" }}]'
BASE = 'reviewed = "2026-01-01"\n'


def test_the_short_form_is_an_app_whose_link_is_its_home_page() -> None:
    """It has name, category and domains."""
    (app,) = load(BASE + 'service = [["Acme", "CRM", "acme.com", "acme.net"]]').apps
    assert (app.name, app.category_id, app.domains) == ("Acme", "SAASDB_CATEGORY_CRM", ("acme.com", "acme.net"))
    assert app.source == "https://acme.com"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('service = [["A", "CRM", "a.com"], ["B", "CRM", "a.com"]]', "'a.com' is given twice"),
        ('service = [["A", "CRM"]]', "name, category and domains"),
        ('platform = [{ domain = "{}.a.com", each = "moons" }]', "{}.a.com: .* 'moons' is none"),
        ('platform = [{ domain = "a.com", each = "eu" }]\nparts.eu = ["x"]', "a.com: needs {}"),
        (
            'regional = [{ domain = "a.com", hosts = ["{}.a.com"], each = "eu" }]\nparts.eu = ["x"]',
            "no app has 'a.com'",
        ),
        (
            'network = [{ domain = "a.com", networks = ["192.0.2.0/24"], source = "https://a.com" }]',
            "no app has 'a.com'",
        ),
        ('network = [{ domain = "a.com", networks = ["192.0.2.7/24"], source = "https://a.com" }]', "host bits"),
        (FACT.format(factor="colour", value="true"), "a.com: 'colour' is not a factor"),
        (
            FACT.format(factor="is_multi_factor_authentication", value='"blue"'),
            "a.com: is_multi_factor_authentication: ",
        ),
    ],
)
def test_mistakes_are_named(text: str, message: str) -> None:
    """A domain has one owner, a service all its parts, a risk factor a valid value."""
    with pytest.raises(ValueError, match=message):
        load(BASE + text)


def test_a_platform_of_regions_is_one_for_each() -> None:
    """The hosts of a regional service are expanded, too."""
    text = """
    service = [["Acme AI", "CRM", "ai.acme.com"]]
    platform = [{ domain = "acme.com", services = ["hq"] }, { domain = "{}.acme.com", services = ["cdn"], each = "on" }]
    regional = [{ domain = "ai.acme.com", hosts = ["{}-ai.acme.com"], each = "on" }]
    parts.on = ["eu", "us"]
    """
    facts = load(BASE + text)
    found = [(platform.domain, platform.services) for platform in facts.platforms]
    assert found == [("acme.com", ("hq",)), ("eu.acme.com", ("cdn",)), ("us.acme.com", ("cdn",))]
    assert facts.regional_hosts == {"eu-ai.acme.com": "ai.acme.com", "us-ai.acme.com": "ai.acme.com"}


def test_unknown_keys_are_refused() -> None:
    """A typing error is reported."""
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        load(BASE + "familes = []")


def test_the_shipped_facts_are_well_formed() -> None:
    """Every app has a link, and every domain is normalised for matching."""
    facts = load()
    domains = [domain for app in facts.apps for domain in app.domains]
    assert all(re.fullmatch(r"[a-z0-9*-]+(\.[a-z0-9-]+)*", domain) for domain in domains)
    links = [entry.source for entries in (facts.apps, facts.fact, facts.network) for entry in entries]
    assert all(re.fullmatch(r"https://\S+", link) for link in links)
    names = [app.name.casefold() for app in facts.apps]
    assert sorted(set(names)) == sorted(names)
