"""The gold set, and the measuring with it."""

from __future__ import annotations

import pytest

from opencasb.catalog.builder.build import build
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.gold import GoldApp, Wrong, gold_set, measure, same_name
from tests.catalog.builder.synthetic import curated, write_sources

GOLD = gold_set().app


def test_the_set_is_large_and_each_value_can_be_checked() -> None:
    """Every app has a page, and what is said of sign-in has the page that says it."""
    assert len(GOLD) >= 300
    assert len({app.domains[0] for app in GOLD}) == len(GOLD)
    links = [link for app in GOLD for link in (app.page, app.mfa, app.sso) if link]
    assert all(link.startswith("https://") for link in links)
    assert sum(bool(app.mfa) for app in GOLD) >= 80
    assert sum(bool(app.sso) for app in GOLD) >= 40


def test_the_shipped_catalog_agrees_with_it() -> None:
    """Nearly every name, domain and category is right; what is known of vendors and sign-in mostly is."""
    fields = measure(Catalog.shipped(), GOLD).fields
    for field, least in {"name": 0.98, "domain": 0.98, "category": 0.95, "vendor": 0.9, "headquarters": 0.9}.items():
        assert fields[field].accuracy >= least, field
    assert fields["mfa"].known >= 0.9 * fields["mfa"].gold
    assert fields["mfa"].accuracy == 1
    assert fields["sso"].accuracy == 1


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A small catalog."""
    out = tmp_path_factory.mktemp("built")
    build(write_sources(tmp_path_factory.mktemp("sources")), out, curated())
    return Catalog.of_folder(out)


def app(name: str, *domains: str, category: str = "PRODUCTIVITY", vendor: str = "", mfa: str = "") -> GoldApp:
    """Return an app of a gold set."""
    return GoldApp(
        names=(name,),
        domains=domains,
        categories=(category,),
        page=f"https://{domains[0]}",
        vendors=(vendor,) if vendor else (),
        mfa=mfa,
    )


def test_right_values_are_counted(catalog: Catalog) -> None:
    """Names are compared in spite of case and signs; each domain counts."""
    found = measure(catalog, [app("Task-Lane", "tasklane.com", "tasklane.net")])
    assert found.wrong == []
    assert (found.fields["domain"].right, found.fields["name"].right, found.fields["category"].right) == (2, 1, 1)


def test_wrong_values_are_told(catalog: Catalog) -> None:
    """A domain of another app, another category, and an app that is absent."""
    found = measure(catalog, [app("Tasklane", "tasklane.com", "paycove.com", category="CRM"), app("No", "no-app.com")])
    assert {(wrong.field, wrong.app) for wrong in found.wrong} == {
        ("domain", "paycove.com"),
        ("domain", "no-app.com"),
        ("category", "Tasklane"),
        ("name", "No"),
        ("category", "No"),
    }
    assert Wrong("category", "Tasklane", ("CRM",), "PRODUCTIVITY") in found.wrong
    assert found.fields["name"].accuracy == 0.5


def test_not_to_know_is_not_wrong(catalog: Catalog) -> None:
    """A vendor nobody names and a fact no source has count as unknown; the gold set's share is told."""
    found = measure(catalog, [app("Metricly", "metricly.io", category="GENERATIVE_AI", vendor="M", mfa="https://m")])
    assert found.wrong == []
    assert (found.fields["vendor"].gold, found.fields["vendor"].known, found.fields["vendor"].accuracy) == (1, 0, 1)
    assert (found.fields["mfa"].gold, found.fields["mfa"].known) == (1, 0)


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
    """Spelling aside, but not the product."""
    assert same_name(one, other) is same
