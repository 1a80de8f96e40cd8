"""Filters on columns, and the bounds derived from them for reading."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest
from opencasb.api.reporting import conditions
from opencasb.api.reporting.bounds import narrowed
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import APP_USAGE_BY_STREAM, APPS, DAILY_USAGE
from tests.reporting.house import TODAY, House

DAYS = st.integers(-7, 2).map(lambda number: (TODAY + timedelta(days=number)).isoformat())
MOMENTS = DAYS | st.tuples(DAYS, st.sampled_from(["T00:00:00Z", "T11:59:00Z", "T23:59:59.999Z"])).map("".join)
OPERATORS = st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"])
TERMS = st.one_of(
    st.tuples(st.just("AsOfDate"), OPERATORS, MOMENTS).map(" ".join),
    st.tuples(MOMENTS, OPERATORS, st.just("asofdate")).map(" ".join),
    st.lists(DAYS, min_size=1, max_size=3).map(lambda days: f"AsOfDate in ({','.join(days)})"),
    st.sampled_from(["Period eq 'p7d'", "Period ne 'P7D'", "'P30D' eq Period", "Period in ('P7D','P90D')"]),
    st.sampled_from(["UserCount gt 3", "contains(StreamId,'a')", "DeviceCount eq null", "true"]),
)
FILTERS = st.recursive(
    TERMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(lambda parts: f"({''.join(parts)})"),
        inner.map(lambda text: f"not ({text})"),
    ),
    max_leaves=5,
)


@settings(max_examples=30)
@given(FILTERS)
def test_what_is_not_read_would_be_filtered_out_anyway(filled: House, text: str) -> None:
    """For any filter, the matching rows within its bounds are all matching rows."""
    tables, reader = filled.casb.report_tables, Reader(filled.tenant_id)
    found = conditions.condition(APP_USAGE_BY_STREAM, text)
    assert found is not None
    every = Wanted(first=TODAY - timedelta(days=5), last=TODAY)

    def rows(wanted: Wanted) -> list[tuple[Any, ...]]:
        return [
            row for piece in tables.pieces(reader, APP_USAGE_BY_STREAM, wanted) for row in piece.filter(found).rows()
        ]

    assert rows(narrowed(every, text)) == rows(every)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("AsOfDate ge 2025-11-01 and AsOfDate lt 2025-12-01", date(2025, 11, 1), date(2025, 11, 30)),
        ("TimeGenerated gt 2025-11-01T00:00:00Z", date(2025, 11, 2), None),
        ("TimeGenerated ge 2025-11-01T00:00:01Z", date(2025, 11, 2), None),
        ("TimeGenerated le 2025-11-01T10:00:00Z", None, date(2025, 11, 1)),
        ("AsOfDate eq 2025-11-01 or AsOfDate eq 2025-11-05", date(2025, 11, 1), date(2025, 11, 5)),
        ("AsOfDate eq 2025-11-01 or UserCount gt 1", None, None),
        ("not (AsOfDate eq 2025-11-01)", None, None),
        ("not 2025-11-01 eq AsOfDate", None, None),
        ("AsOfDate lt 1000-01-01", None, date(999, 12, 31)),
        ("AsOfDate gt 9999-12-31", date.max, None),
        ("AsOfDate eq null", None, None),
    ],
)
def test_ranges_of_days_are_pushed_down(text: str, first: date | None, last: date | None) -> None:
    """A refresh of one day reads only that day."""
    found = narrowed(Wanted(), text)
    assert (found.first, found.last) == (first, last)


def test_periods_and_streams_are_pushed_down() -> None:
    """In any case; contradictory ones leave none."""
    found = narrowed(Wanted(users=True), "period eq 'p7d' and (StreamId eq 'AB' or StreamId eq 'cd')")
    assert (found.periods, found.stream_ids, found.users) == (frozenset({"P7D"}), frozenset({"ab", "cd"}), True)
    assert narrowed(Wanted(), "Period eq 'P7D' and Period eq 'P30D'").periods == frozenset()


def test_names_are_found_in_any_case_and_unknown_ones_named() -> None:
    """In filters and orders alike."""
    assert conditions.condition(APPS, "") is None
    assert [key.descending for key in conditions.order(APPS, "appname DESC, RiskScore")] == [True, False, False]
    for text in ("Nope eq 1", "AppName eq", "AppId eq 'x'"):
        with pytest.raises(BadRequest):
            conditions.condition(APPS, text)
    with pytest.raises(BadRequest, match="TimeGenerated"):
        conditions.condition(DAILY_USAGE, "TimeGenerated eq 'x'")
