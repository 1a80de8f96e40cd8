"""Descriptions of apps."""

from __future__ import annotations

from opencasb.catalog.catalog import Catalog
from opencasb.catalog.description import description
from opencasb.catalog.fact import Fact, facts_by_app
from opencasb.model.app import UNCLASSIFIED, App


def test_what_is_known_is_told_in_plain_sentences() -> None:
    """Category, vendor, place, domains, what it has and lacks, level, breach and flags."""
    app = App(
        app_id=1,
        name="Boxfall",
        category="SAASDB_CATEGORY_CLOUD_STORAGE",
        domains=("boxfall.com", "bf.to", "boxfall.net"),
        vendor="Fall Inc",
        flags=frozenset({"tracker"}),
    )
    facts = [
        Fact("headquarters", "SE"),
        Fact("is_multi_factor_authentication", value=True),
        Fact("is_multi_factor_authentication", value=False),
        Fact("is_supports_saml", value=True),
        Fact("is_file_sharing", value=False),
        Fact("fed_ramp_level", "liSaaS"),
        Fact("latest_breach_date_time", "2012-07-01"),
    ]
    assert description(app, facts) == (
        "Boxfall is a cloud app of the category Cloud storage by Fall Inc, with headquarters in SE. "
        "It is used at boxfall.com and 2 more domains. "
        "It has multi-factor authentication and SAML single sign-on and lacks file sharing. "
        "It is FedRAMP authorised (LI-SaaS). A breach of 2012-07-01 is known. "
        "It is met as a third party in web pages."
    )


def test_what_is_not_known_is_not_told() -> None:
    """Not even that it is not known."""
    app = App(app_id=1, name="x.com", category=UNCLASSIFIED)
    assert description(app, []) == "x.com is a cloud app."
    assert description(app, [Fact("latest_breach_date_time", "none")]) == "x.com is a cloud app."


def test_every_shipped_app_can_be_described() -> None:
    """Whatever is known of it."""
    catalog = Catalog.shipped()
    apps = [app for app_id in catalog.apps["app_id"].head(300) if (app := catalog.app(app_id))]
    facts = facts_by_app(catalog.facts, [app.app_id for app in apps])
    told = {app.app_id: description(app, facts.get(app.app_id, ())) for app in apps}
    assert all(text.endswith(".") for text in told.values())
    assert told[11627].startswith("Dropbox is a cloud app of the category Cloud storage.")
