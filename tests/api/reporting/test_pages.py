"""Limits of pages: sorting, and the days examined."""

from __future__ import annotations

import pytest

from opencasb.api.graph.errors import BadRequest
from opencasb.api.reporting import pages
from opencasb.api.reporting.cursor import Cursor
from opencasb.api.reporting.pages import Pages, Query
from opencasb.reporting import tables
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import DAILY_USAGE
from tests.reporting.house import House


def asked(condition: str = "", order: str = "", skip: int = 0) -> Query:
    """Return a query on daily usage."""
    return Query(DAILY_USAGE, Wanted(), condition, order, Cursor(skip=skip))


def test_sorting_has_an_end(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter keeps below it; the default order has no limit."""
    monkeypatch.setattr(pages, "MOST_SORTED", 20)
    reader = Pages(filled.casb.report_tables, Reader(filled.tenant_id))
    with pytest.raises(BadRequest, match="more than 20 rows; let a \\$filter leave fewer"):
        reader.page(asked(order="TotalBytes"))
    few = reader.page(asked("AsOfDate gt 2025-11-19", "TotalBytes desc"))
    assert 0 < few.rows.height <= 20
    assert reader.page(asked()).rows.height > 20


def test_a_page_looks_at_so_many_days(filled: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A selective filter is answered in several short pages, some of which may be empty."""
    monkeypatch.setattr(pages, "MOST_PARTS", 4)
    monkeypatch.setattr(tables, "MOST_ROWS", 1)
    reader = Pages(filled.casb.report_tables, Reader(filled.tenant_id))
    query, found, seen = asked("AppId eq 10489 and TotalBytes gt 9000", skip=1), 0, 0
    expected = reader.count(query) - 1
    while True:
        page = reader.page(query)
        found, seen = found + page.rows.height, seen + 1
        if page.following is None:
            break
        query = Query(DAILY_USAGE, Wanted(), query.filter, "", page.following)
    assert (found, seen) == (expected, 10)
