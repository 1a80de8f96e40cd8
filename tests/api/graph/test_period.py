"""The function segment with the period."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.period import PERIODS, days_of, is_function


@pytest.mark.parametrize(
    ("segment", "days"),
    [
        ("microsoft.graph.security.aggregatedAppsDetails(period=duration'P90D')", 90),
        ("aggregatedAppsDetails(period=duration'P30D')", 30),
        ("aggregatedAppsDetails(period=P90D)", 90),
        ("aggregatedAppsDetails(period='P7D')", 7),
        ("aggregatedAppsDetails (period=duration'P30D')", 30),
        ("aggregatedAppsDetails(period=duration 'P30D')", 30),
        ("aggregatedAppsDetails ( period = duration 'P30D' ) ", 30),
        ("AGGREGATEDAPPSDETAILS(PERIOD=DURATION'p30d')", 30),
        ("Microsoft.Graph.Security.AggregatedAppsDetails(period=duration'P7D')", 7),
        ("aggregatedAppsDetails(period=duration'PT2160H')", 90),
        ("aggregatedAppsDetails(period=duration'P1W')", 7),
        ("aggregatedAppsDetails(period=duration'P6DT24H')", 7),
        ("aggregatedAppsDetails(period=duration'PT604800S')", 7),
        ("aggregatedAppsDetails(period=duration'P0Y0M7D')", 7),
        ("aggregatedAppsDetails(period=duration'P0Y0M30DT0H0M0S')", 30),
        ("aggregatedAppsDetails(period=duration'P0Y0M90DT0H0M0.000S')", 90),
        ("aggregatedAppsDetails(period=duration'P00Y90D')", 90),
        ("aggregatedAppsDetails(period=p0m7d)", 7),
        ("aggregatedAppsDetails(period=duration'P0YT168H')", 7),
        ("aggregatedAppsDetails(period=duration'P4W2D')", 30),
        ("aggregatedAppsDetails(period=duration'P12W6D')", 90),
        ("aggregatedAppsDetails(period=duration'P7D0W')", 7),
        ("aggregatedAppsDetails(period=duration'P4WT48H')", 30),
    ],
)
def test_every_spelling_worth_an_allowed_period_is_read(segment: str, days: int) -> None:
    """Namespace, keyword, quotes, blanks, case and time units may vary."""
    assert is_function(segment)
    assert days_of(segment) == days


@pytest.mark.parametrize(
    "segment",
    [
        "aggregatedAppsDetails",
        "aggregatedAppsDetails()",
        "aggregatedAppsDetails(period=)",
        "aggregatedAppsDetails(period=duration'P60D')",
        "aggregatedAppsDetails(period=duration'P1M')",
        "aggregatedAppsDetails(period=duration'P1M0D')",
        "aggregatedAppsDetails(period=duration'P10Y7D')",
        "aggregatedAppsDetails(period=duration'P0Y10M7D')",
        "aggregatedAppsDetails(period=duration'P0Y')",
        "aggregatedAppsDetails(period=duration'P0W')",
        "aggregatedAppsDetails(period=duration'P0.0M7D')",
        "aggregatedAppsDetails(period=duration'P2W2W2D')",
        "aggregatedAppsDetails(period=duration'P7DT')",
        "aggregatedAppsDetails(period=duration'P7DT1S')",
        "aggregatedAppsDetails(period=duration'-P7D')",
        "aggregatedAppsDetails(period=duration'P99999999999999D')",
        "aggregatedAppsDetails(period=duration'P30D'",
        "aggregatedAppsDetails(days=30)",
    ],
)
def test_anything_else_names_the_three_periods(segment: str) -> None:
    """A missing or other period is rejected with the allowed ones."""
    assert is_function(segment)
    with pytest.raises(BadRequest, match=r"P7D.*P30D.*P90D"):
        days_of(segment)


@given(st.text(max_size=80), st.sampled_from(["", "aggregatedAppsDetails(", "aggregatedAppsDetails(period=duration'P"]))
def test_any_text_is_an_allowed_period_or_refused(text: str, start: str) -> None:
    """Only the rejection is raised."""
    is_function(start + text)
    with suppress(BadRequest):
        assert days_of(start + text) in PERIODS
