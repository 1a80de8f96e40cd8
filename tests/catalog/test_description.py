"""Descriptions of apps."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.description import TOLD, UNLISTED, description
from opencasb.catalog.fact import Fact, facts_by_app
from opencasb.catalog.overlay import Overlay
from opencasb.model.app import UNCLASSIFIED, App, CustomApp
from opencasb.model.unlisted_profile import FIRST_UNLISTED

FLEET = 500_000_000


def told(
    *facts: Fact,
    name: str = "Boxfall",
    category: str = UNCLASSIFIED,
    vendor: str | None = None,
    flags: Iterable[str] = (),
) -> str:
    """Return the description of an app with these facts."""
    return description(App(app_id=1, name=name, category=category, vendor=vendor, flags=frozenset(flags)), facts)


def test_what_is_known_is_told_in_two_sentences() -> None:
    """Type, vendor, country, features present and missing, standards, level, breach, flags; from the believed fact."""
    facts = [
        Fact("headquarters", "NL"),
        Fact("is_multi_factor_authentication", value=True),
        Fact("is_multi_factor_authentication", value=False),
        Fact("is_supports_saml", value=True),
        Fact("is_file_sharing", value=True),
        Fact("scim_provisioning", value=False),
        Fact("is_soc2_compliant", value=True),
        Fact("is_hipaa_compliant", value=True),
        Fact("is_iso27001_compliant", value=False),
        Fact("fed_ramp_level", "liSaaS"),
        Fact("latest_breach_date_time", "2012-07-01"),
        Fact("home_page", "https://boxfall.com/"),
    ]
    assert told(*facts, category="SAASDB_CATEGORY_CLOUD_STORAGE", vendor="Fall Inc.", flags={"tracker"}) == (
        "Boxfall is a cloud storage app by Fall Inc., based in the Netherlands. "
        "It offers SAML single sign-on, multi-factor sign-in and file sharing, but no automatic user provisioning; "
        "it complies with SOC 2 and HIPAA; it is FedRAMP authorised (LI-SaaS); "
        "it had its latest known breach on 2012-07-01; it is met as a third party in web pages."
    )


@pytest.mark.parametrize(
    "fact",
    [
        Fact("latest_breach_date_time", "none"),
        Fact("fed_ramp_level", "notSupported"),
        Fact("fed_ramp_level", "notApplicable"),
        Fact("is_hipaa_compliant", "notApplicable"),
        Fact("is_hipaa_compliant", value=False),
        Fact("is_file_sharing", value=False),
        Fact("is_multi_factor_authentication", value=False, confidence="low"),
    ],
)
def test_what_is_not_there_is_not_told(fact: Fact) -> None:
    """Unknown features are omitted, too, and those merely not found."""
    assert told(fact) == told() == "Boxfall is a cloud app."


def test_what_is_lacked_is_told_where_it_matters() -> None:
    """Missing sign-in methods are mentioned."""
    lacks = (Fact("is_multi_factor_authentication", value=False), Fact("is_supports_saml", value=False))
    assert told(*lacks) == "Boxfall is a cloud app. It has no SAML single sign-on or multi-factor sign-in."


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("IT_SERVICES", "an IT service"),
        ("INTERNET_OF_THINGS", "an Internet of Things app"),
        ("ECOMMERCE", "an e-commerce app"),
        ("ADVERTISING", "an advertising service"),
        ("CRM", "a CRM app"),
        ("SUPLLY_CHAIN_AND_LOGISTICS", "a supply chain and logistics app"),
        ("FORUMS", "a forum"),
        ("USER_TOOLS", "a user tools app"),
    ],
)
def test_the_article_goes_with_the_kind(category: str, kind: str) -> None:
    """Abbreviations remain in upper case."""
    assert told(category=f"SAASDB_CATEGORY_{category}") == f"Boxfall is {kind}."


@pytest.mark.parametrize("vendor", [None, "Box.fall", "BOXFALL", ""])
def test_a_vendor_of_the_same_name_is_not_told(vendor: str | None) -> None:
    """The spelling does not matter."""
    assert told(vendor=vendor) == "Boxfall is a cloud app."


def test_texts_of_tenants_make_one_sentence_too() -> None:
    """Blanks are collapsed, there is one full stop, and a headquarters need not be a country code."""
    assert (
        told(Fact("headquarters", "Lund,  Sweden"), name="iBox  Pro", vendor="Ltd.")
        == "iBox Pro is a cloud app by Ltd., based in Lund, Sweden."
    )
    assert told(vendor="Fall Inc.") == "Boxfall is a cloud app by Fall Inc."


def test_custom_and_unlisted_apps_say_what_they_are() -> None:
    """Ids without an app have no description."""
    fleet = CustomApp(app_id=FLEET, name="Fleet", vendor="Contoso", category="SAASDB_CATEGORY_OPERATIONS_MANAGEMENT")
    catalog = Catalog.shipped().with_overlay(Overlay((fleet,)))
    ids = catalog.apps["app_id"].head(1).extend_constant(FIRST_UNLISTED, 1).extend_constant(FLEET + 1, 1)
    assert dict(catalog.descriptions(ids).iter_rows()) == {
        FLEET: "Fleet is a custom operations management app by Contoso.",
        FIRST_UNLISTED: UNLISTED,
    }
    outside = App(app_id=FIRST_UNLISTED, name="x.com", category=UNCLASSIFIED, domains=("x.com",), listed=False)
    assert description(outside, [Fact("headquarters", "DE")]) == UNLISTED


def test_every_shipped_app_is_described_from_facts_alone() -> None:
    """Each has one or two sentences, and none mentions an unknown factor."""
    catalog = Catalog.shipped()
    ids = catalog.apps["app_id"]
    described = dict(catalog.descriptions(ids).iter_rows())
    facts = facts_by_app(catalog.facts, ids.to_list())
    assert described.keys() == set(ids)
    for app_id, name, vendor, flags in catalog.apps.select("app_id", "name", "vendor", "flags").iter_rows():
        text = described[app_id]
        start = f"{' '.join(name.split())} is a"
        assert text.startswith(start)
        assert text.endswith(".")
        assert "  " not in text
        rest = text.removeprefix(start).replace(f" by {vendor}", "")
        assert not re.search(r"\.\.|,,|\bNone\b|unknown|notApplicable|notSupported|SAASDB|_| [.,;]", rest), text
        if not flags and TOLD.isdisjoint({fact.factor for fact in facts.get(app_id, ())}):
            assert "It " not in rest, text
            assert ", based in" not in rest, text
    assert described[11627].startswith("Dropbox is a cloud storage app, based in the United States. It offers SAML")
