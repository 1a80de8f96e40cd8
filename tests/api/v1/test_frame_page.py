"""The pages of a frame partition it in one total order (api §4.3, §4.4)."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.cursor import Cursor, split
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.frame_page import frame_page
from opencasb.api.v1.lists import ListRequest
from opencasb.filters.tree import EVERYTHING

frames = st.lists(
    st.tuples(st.integers(1, 40), st.none() | st.integers(0, 3), st.sampled_from(["a", "B", "b", "é"])),
    unique_by=lambda row: row[0],
    max_size=12,
)


def request(limit: int, column: str, *, ascending: bool, scan: bool, cursor: Cursor | None = None) -> ListRequest:
    """Return the request for a page."""
    return ListRequest(EVERYTHING, {}, 0, limit, column, ascending, scan, cursor)


@given(frames, st.integers(1, 5), st.sampled_from(["score", "name", "app_id"]), st.booleans(), st.booleans())
def test_following_cursors_gives_every_row_once_in_order(
    rows: list[Any], limit: int, column: str, ascending: bool, scan: bool
) -> None:
    """With ties, missing values, text in any case, scans and plain pages."""
    frame = pl.DataFrame(rows, schema={"app_id": pl.Int64, "score": pl.Int64, "name": pl.String}, orient="row")
    whole = frame_page(frame, request(100, column, ascending=ascending, scan=False))
    assert (whole.total, whole.has_next, whole.next_filters) == (len(rows), False, None)
    found: list[dict[str, Any]] = []
    place: Cursor | None = None
    while True:
        page = frame_page(frame, request(limit, column, ascending=ascending, scan=scan, cursor=place))
        assert len(page.rows) == limit or scan or not page.has_next
        found += page.rows
        if page.next_filters is None:
            break
        _, place = split(page.next_filters)
    assert found == whole.rows
    assert {row["app_id"] for row in found} == {row[0] for row in rows}
    keys = [row["sort_key"] for row in found if row["sort_key"] is not None]
    assert keys == sorted(keys, reverse=not ascending)
    assert [row["sort_key"] for row in found[len(keys) :]] == [None] * (len(found) - len(keys))


@pytest.mark.parametrize(("key", "record_id"), [("x", 1), (1, "x")])
def test_a_cursor_of_another_type_is_refused(key: Any, record_id: Any) -> None:
    """It cannot be from this list."""
    frame = pl.DataFrame({"app_id": [1], "score": [2]})
    place = Cursor(1, "score", ascending=True, key=key, record_id=record_id)
    with pytest.raises(BadRequest, match="scanCursor"):
        frame_page(frame, request(1, "score", ascending=True, scan=False, cursor=place))
