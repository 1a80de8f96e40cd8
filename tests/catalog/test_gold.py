"""The gold set, and measurements with it."""

from __future__ import annotations

import json

import polars as pl
import pytest

from opencasb.catalog.builder.curated import load
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.gold import INDEPENDENT, Claim, GoldApp, Wrong, gold_set, measure, same_name

GOLD = gold_set().app


def test_the_set_is_large_and_each_value_can_be_checked() -> None:
    """Every app has a page, and statements about sign-in have their source page."""
    assert len(GOLD) >= 300
    assert len({app.domains[0] for app in GOLD}) == len(GOLD)
    claims = [claim for app in GOLD for claim in (app.mfa, app.sso) if claim]
    read = [page for app in GOLD for page in (app.about, app.company) if page]
    pages = [*(app.page for app in GOLD), *read, *(claim.page for claim in claims)]
    assert all(page.startswith("https://") for page in pages)
    assert sum(bool(app.vendors and app.countries and app.mfa and app.sso) for app in GOLD) >= 300
    assert sum(claim.independent for claim in claims) >= 200


def test_300_apps_are_checked_by_hand_throughout() -> None:
    """A person checked what each app is, its vendor and country, and sign-in with a second factor and SSO."""
    told = [app for app in GOLD if app.vendors and app.countries and app.about and app.company]
    assert sum(all(claim and claim.origin == "read" for claim in (app.mfa, app.sso)) for app in told) >= 300


def test_the_shipped_catalog_agrees_with_it() -> None:
    """Nearly all names, domains and categories are right, and most known vendors and sign-in facts."""
    fields = measure(Catalog.shipped(), GOLD).fields
    for field, least in {"name": 0.98, "domain": 0.98, "category": 0.95, "vendor": 0.9, "headquarters": 0.9}.items():
        assert fields[field].accuracy >= least, field
    for field, least in {"mfa": 0.75, "sso": 0.5}.items():
        assert fields[field].coverage >= least
        assert fields[field].accuracy == 1
        assert fields[field + INDEPENDENT].accuracy == 1
        assert 0.4 <= fields[field + INDEPENDENT].coverage < fields[field].coverage


def test_reviewed_risk_factors_are_believed() -> None:
    """Each is the believed fact in the shipped catalog, with its source page."""
    catalog = Catalog.shipped()
    reviewed = load().fact
    assert reviewed
    for fact in reviewed:
        (app_id,) = catalog.match_hosts(pl.Series([fact.domain]))["app_id"]
        rows = catalog.facts.filter(pl.col("app_id") == app_id, pl.col("factor") == fact.factor)
        believed = rows.row(0, named=True)
        assert (json.loads(believed["value"]), believed["evidence"]) == (fact.value, fact.source), fact


def app(
    name: str, *domains: str, category: str = "PRODUCTIVITY", vendor: str = "", mfa: Claim | None = None
) -> GoldApp:
    """Return an app of a gold set."""
    return GoldApp(
        names=(name,),
        domains=domains,
        categories=(category,),
        page=f"https://{domains[0]}",
        vendors=(vendor,) if vendor else (),
        mfa=mfa,
    )


YES = Claim(page="https://m", origin="read")


def test_right_values_are_counted(small: Catalog) -> None:
    """Names are compared without case and punctuation; each domain counts."""
    found = measure(small, [app("Task-Lane", "tasklane.com", "tasklane.net")])
    assert found.wrong == []
    assert (found.fields["domain"].right, found.fields["name"].right, found.fields["category"].right) == (2, 1, 1)


def test_wrong_values_are_told(small: Catalog) -> None:
    """A domain of another app, another category, and a missing app."""
    found = measure(small, [app("Tasklane", "tasklane.com", "paycove.com", category="CRM"), app("No", "no-app.com")])
    assert {(wrong.field, wrong.app) for wrong in found.wrong} == {
        ("domain", "paycove.com"),
        ("domain", "no-app.com"),
        ("category", "Tasklane"),
        ("name", "No"),
        ("category", "No"),
    }
    assert Wrong("category", "Tasklane", ("CRM",), "PRODUCTIVITY") in found.wrong
    assert found.fields["name"].accuracy == 0.5


def test_not_to_know_is_not_wrong(small: Catalog) -> None:
    """A vendor or fact missing from all sources counts as unknown; the gold set's share is reported."""
    found = measure(small, [app("Metricly", "metricly.io", category="GENERATIVE_AI", vendor="M", mfa=YES)])
    assert found.wrong == []
    assert (found.fields["vendor"].gold, found.fields["vendor"].known, found.fields["vendor"].accuracy) == (1, 0, 1)
    assert (found.fields["mfa"].gold, found.fields["mfa"].known) == (1, 0)


def test_claims_of_which_the_open_data_have_the_page_are_told_apart(small: Catalog) -> None:
    """They count in the total, but not among independent ones; "has none" can be right or wrong, too."""
    listed = Claim(page="https://t", origin="open-data")
    none = Claim(page="https://t", origin="read", has=False)
    first = measure(small, [app("Tasklane", "tasklane.com", mfa=listed)]).fields
    assert (first["mfa"].right, first["mfa_independent"].gold) == (1, 0)
    second = measure(small, [app("Tasklane", "tasklane.com", mfa=none)])
    assert second.wrong == [
        Wrong("mfa", "Tasklane", ("false",), "true"),
        Wrong("mfa_independent", "Tasklane", ("false",), "true"),
    ]
    assert (second.fields["mfa"].coverage, second.fields["mfa"].accuracy, second.fields["sso"].coverage) == (1, 0, 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Otter.ai", "otter ai", True),
        ("Kahoot!", "Kahoot", True),
        ("Zoom (zoom.us)", "Zoom", True),
        ("Tyler Technologies, Inc.", "Tyler Technologies", True),
        ("Proton Drive", "Proton", False),
        ("GoTo", "GoTo Meeting", False),
    ],
)
def test_names_are_compared_as_people_do(one: str, other: str, *, same: bool) -> None:
    """Spelling is ignored, but not the product."""
    assert same_name(one, other) is same
