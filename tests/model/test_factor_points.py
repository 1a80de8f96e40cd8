"""Points of factor values."""

from __future__ import annotations

from datetime import date

import pytest

from opencasb.model.factor import Value
from opencasb.model.factors import FACTORS, SCORED

DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("key", "value", "points"),
    [
        ("is_soc2_compliant", True, 1000),
        ("is_soc2_compliant", False, 0),
        ("is_soc2_compliant", "notApplicable", None),
        ("is_remember_password", True, 0),
        ("is_remember_password", False, 1000),
        ("encryption_protocol", "tls1_3", 1000),
        ("encryption_protocol", "ssl3", 0),
        ("encryption_protocol", "notApplicable", None),
        ("fed_ramp_level", "moderate", 900),
        ("gdpr_readiness_statement", "https://example.com/gdpr", 1000),
        ("founded", 2026, 0),
        ("founded", 2030, 0),
        ("founded", 2016, 500),
        ("founded", 1900, 1000),
        ("domain_registration_date_time", "2021-01-01", 500),
        ("domain_registration_date_time", "1995-01-01", 1000),
        ("latest_breach_date_time", "2026-01-01", 0),
        ("latest_breach_date_time", "2022-01-01", 400),
        ("latest_breach_date_time", "1999-01-01", 800),
        ("latest_breach_date_time", "none", 1000),
        ("consumer_popularity", 1, 1000),
        ("consumer_popularity", 1000, 500),
        ("consumer_popularity", 1_000_000, 0),
        ("consumer_popularity", 10**9, 0),
    ],
)
def test_a_value_is_worth_its_points(key: str, value: Value, points: int | None) -> None:
    """Yes is 10 and no is 0, lists have a table, ages and ranks a curve; in hundredths of a point."""
    scoring = FACTORS[key].scoring
    assert scoring is not None
    assert scoring.points(value, DAY) == points


def test_an_age_needs_the_day_of_the_fact() -> None:
    """An age is measured at the date of the fact, so that a score does not change by itself."""
    scoring = SCORED["founded"].scoring
    assert scoring is not None
    assert scoring.points(2000, None) is None
    assert scoring.points(2000, date(2010, 1, 1)) != scoring.points(2000, date(2020, 1, 1))


def test_every_word_of_a_scored_list_is_between_nothing_and_all() -> None:
    """Each allowed word has points from 0 to 10, and every rule can be displayed."""
    for factor in SCORED.values():
        assert factor.scoring is not None
        assert factor.scoring.about
        for word in factor.scoring.words:
            points = factor.scoring.points(word, DAY)
            assert points is not None
            assert 0 <= points <= 1000


@pytest.mark.parametrize("value", [True, 7, "nonsense", ("a",), 1.5, ""])
def test_a_value_of_another_kind_is_worth_nothing_known(value: Value) -> None:
    """A value from another release is no error: it has points or none."""
    for factor in SCORED.values():
        assert factor.scoring is not None
        points = factor.scoring.points(value, DAY)
        assert points is None or 0 <= points <= 1000
