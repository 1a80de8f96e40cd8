"""The gold set, and what else was reviewed by hand."""

from __future__ import annotations

import json

import polars as pl

from opencasb.catalog.builder.curated import load
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.gold import gold_set

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
