"""A stream with 100,000 apps."""

from __future__ import annotations

import sys

import polars as pl
import pytest

from opencasb.api.graph.exchange import Call
from opencasb.api.graph.service import Service
from tests.api.graph.standin import APPS, DAY, GLOBAL, Casb, app, casb, report

FEW, MANY = 1_000, 100_000
"""Sizes of two streams. Looking at each app of the larger one would take at least 100,000 calls more."""


def _stocked(apps: int) -> Casb:
    """Return an installation whose Global View and catalog have that many apps."""
    made = casb()
    few = report([app(10_000 + at, f"App {at}", score=at % 11, tags=["Monitored"] * (at % 2)) for at in range(FEW)])
    frame = pl.concat([few.with_columns(pl.col("app_id") + FEW * at) for at in range(apps // FEW)])
    made.streams.frames[GLOBAL, DAY] = frame
    made.streams.facts = frame.select("app_id", vendor=pl.col("name"), isSoc2Compliant=pl.col("score") > 5)
    return made


@pytest.fixture(scope="module")
def small() -> Casb:
    """An installation with few apps."""
    return _stocked(FEW)


@pytest.fixture(scope="module")
def large() -> Casb:
    """An installation with many apps."""
    return _stocked(MANY)


def _calls(made: Casb, query: str) -> int:
    """Return how many calls of functions it takes to answer a query."""
    service, calls = Service(made), 0  # type: ignore[arg-type]  # a stand-in

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    call = Call("GET", APPS, query, {"authorization": "Bearer reader"}, "id")
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        reply = service.answer(call)
    finally:
        sys.setprofile(before)
    assert reply.status == 200, reply.content
    assert b'"riskScore"' in reply.content
    return calls // 2  # each is counted as it begins and as it ends


@pytest.mark.parametrize(
    "query",
    [
        "",
        "$top=200&$expand=appInfo",
        "$filter=contains('tags','monitor') and contains('domains','app9')&$count=true",
        "$filter=tags/any(t: t eq 'monitored') and riskScore le 4 or startswith(displayName,'App 1')",
        "$filter=appInfo/Soc2 eq true and startswith(appInfo/vendor,'app 9')&$orderby=appInfo/vendor desc",
        "$orderby=displayName desc,riskScore&$skip=900",
    ],
)
def test_a_large_stream_is_answered_without_looking_at_single_rows(small: Casb, large: Casb, query: str) -> None:
    """Filters, orders and expansions take the same calls for 1,000 apps and 100,000."""
    _calls(small, query)  # what is imported or kept at the first time counts for neither
    assert _calls(large, query) < _calls(small, query) + MANY // 10
