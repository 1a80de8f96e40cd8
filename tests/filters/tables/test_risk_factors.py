"""Filters of apps by risk factor (api §12.4)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.errors import InvalidFilter
from opencasb.filters.fields import CATALOG_APPS, DISCOVERED_APPS
from opencasb.filters.parse import parse
from opencasb.filters.tables.risk_factors import RISK_FACTORS
from opencasb.model.factors import FACTORS
from tests.conftest import NOW
from tests.filters.found import found

RECORDS: dict[str, dict[str, Any]] = {
    "a": {"is_soc2_compliant": True, "founded": 2007, "fed_ramp_level": "20xLow", "logon_urls": ["https://a.example"]},
    "b": {"is_soc2_compliant": False, "latest_breach_date_time": NOW, "consumer_popularity": 12, "logon_urls": []},
    "c": {"hosting_company": "Contoso Cloud", "privacy_policy": "https://c.example/privacy"},
}


def test_every_factor_can_be_asked_for_by_each_of_its_names() -> None:
    """In the catalog and in reports; no name collides with another filter."""
    assert {field.column for field in RISK_FACTORS} == set(FACTORS)
    names = [field.name.lower() for field in RISK_FACTORS]
    assert len(names) == len(set(names))
    for table in (CATALOG_APPS, DISCOVERED_APPS):
        assert all(table[field.name.lower()] is field for field in RISK_FACTORS)


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("isSoc2Compliant", "eq", "False", "b"),
        ("isSoc2Compliant", "eq", ["true", "unknown"], "ac"),
        ("isSoc2Compliant", "neq", True, "bc"),
        ("isSoc2Compliant", "isset", True, "ab"),
        ("fedRampLevel", "eq", "20x low", "a"),
        ("fedRampLevel", "neq", "high", "abc"),
        ("fedRampLevel", "eq", None, "bc"),
        ("founded", "gte", "2007", "a"),
        ("consumerPopularity", "range", {"start": 1, "end": 100}, "b"),
        ("latestBreachDateTime", "gte_ndays", 7, "b"),
        ("logonUrls", "contains", "A.EXAMPLE", "a"),
        ("logonUrls", "isnotset", True, "bc"),
        ("hostingCompany", "startswith", "contoso", "c"),
        ("privacyPolicy", "endswith", "/privacy", "c"),
    ],
)
def test_apps_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per kind of factor."""
    assert found(DISCOVERED_APPS, RECORDS, name, operator, operand) == expected


def test_words_that_a_factor_does_not_have_are_told() -> None:
    """The message lists the factor's words."""
    with pytest.raises(InvalidFilter, match="one of high, moderate, 20xModerate"):
        parse({"fedRampLevel": {"eq": "gold"}}, CATALOG_APPS, NOW)
