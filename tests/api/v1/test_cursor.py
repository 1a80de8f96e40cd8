"""Cursors are opaque and validated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.v1.cursor import NAME, Cursor, split
from opencasb.api.v1.errors import BadRequest

keys = st.none() | st.integers(-(2**62), 2**62) | st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.booleans(), keys, st.integers(-(2**62), 2**62) | st.text("0123456789abcdef"))
def test_a_cursor_comes_back_as_it_went(ascending: bool, key: Any, record_id: Any) -> None:
    """Any key of any list survives, in any case of the reserved name and as a single-element list."""
    cursor = Cursor(1, "column", ascending, key, record_id)
    for given_ in ({NAME: {"eq": cursor.text()}}, {"SCANCURSOR": {"eq": [cursor.text()]}}):
        assert split({"score": {"eq": 1}, **given_}) == ({"score": {"eq": 1}}, cursor)


@given(st.text(max_size=30))
def test_any_other_text_is_refused(text: str) -> None:
    """Only the rejection is raised."""
    with pytest.raises(BadRequest, match=NAME):
        split({NAME: {"eq": text}})


def test_without_a_cursor_filters_stay() -> None:
    """Other filters are unchanged."""
    assert split({"score": {"eq": 1}}) == ({"score": {"eq": 1}}, None)
