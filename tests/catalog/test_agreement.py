"""Measurements with the gold set."""

from __future__ import annotations

import pytest

from opencasb.catalog.agreement import INDEPENDENT, Wrong, measure, same_name
from opencasb.catalog.catalog import Catalog
from opencasb.catalog.gold import Claim, GoldApp, gold_set


def test_the_shipped_catalog_agrees_with_it() -> None:
    """Nearly all names, domains and categories are right, and most known vendors and sign-in facts."""
    fields = measure(Catalog.shipped(), gold_set().app).fields
    for field, least in {"name": 0.98, "domain": 0.98, "category": 0.95, "vendor": 0.9, "headquarters": 0.9}.items():
        assert fields[field].accuracy >= least, field
    for field, least in {"mfa": 0.75, "sso": 0.5}.items():
        assert fields[field].coverage >= least
        assert fields[field].accuracy == 1
        assert fields[field + INDEPENDENT].accuracy == 1
        assert 0.4 <= fields[field + INDEPENDENT].coverage < fields[field].coverage


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
