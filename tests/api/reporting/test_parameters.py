"""Our own parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from opencasb.api.graph.errors import BadRequest, Forbidden
from opencasb.api.reporting import parameters
from opencasb.api.reporting.parameters import ReportRequest
from opencasb.reporting.reader import Reader
from opencasb.reporting.schema import APP_USAGE, APPS, DAILY_USAGE

if TYPE_CHECKING:
    from opencasb.reporting.tables import ReportTables


def asked(query: str, *, sees_users: bool = False) -> ReportRequest:
    """Return a request with a query string."""
    return ReportRequest(cast("ReportTables", None), Reader(1, sees_users=sees_users), "", "", query)


def test_a_part_of_a_table_is_asked_for_by_days_and_period() -> None:
    """Names in any case, values decoded."""
    found = parameters.wanted(asked("FROM=2025-11-01&to=2025%2D11-20&period=p7d"), APP_USAGE)
    assert (str(found.first), str(found.last), found.periods) == ("2025-11-01", "2025-11-20", frozenset({"P7D"}))
    assert parameters.wanted(asked("users=1", sees_users=True), DAILY_USAGE).users


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=soon", "'from' must be a day such as 2025-11-20; found 'soon'"),
        ("period=P1D", "'period' must be one of P7D, P30D, P90D; found 'P1D'"),
        ("from=2025-11-01&From=2025-11-02", "'from' is given more than once"),
        ("users=yes", "'users' must be 1, true, 0 or false; found 'yes'"),
    ],
)
def test_what_cannot_be_read_is_named(query: str, words: str) -> None:
    """With what is allowed."""
    with pytest.raises(BadRequest, match=words):
        parameters.wanted(asked(query), APP_USAGE)


def test_parameters_fit_the_table() -> None:
    """A parameter that a table ignored would return all of it."""
    with pytest.raises(BadRequest, match="'from' cannot be applied to apps"):
        parameters.wanted(asked("from=2025-11-01"), APPS)
    with pytest.raises(BadRequest, match="'period' cannot be applied to daily_usage"):
        parameters.wanted(asked("period=P7D"), DAILY_USAGE)
    with pytest.raises(BadRequest, match="'form' is unknown; allowed: from, to"):
        parameters.only({"form": "2025"}, parameters.EXPORT)
    with pytest.raises(Forbidden, match="does not show users"):
        parameters.users(asked("users=1"))
