"""Positions in links: read as written, and nothing else is accepted."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.errors import BadRequest
from opencasb.api.reporting.cursor import Cursor, key_of, read_cursor, rows_after
from opencasb.reporting.schema import APP_DOMAINS, APP_USAGE, APPS

ROWS = pl.DataFrame(
    [(date(2025, 11, day), period, app) for day in (1, 2) for period in ("P30D", "P7D") for app in (5, 10)],
    schema={name: APP_USAGE.polars_schema[name] for name in APP_USAGE.key},
    orient="row",
)


def written(value: Any) -> str:  # any JSON
    """Return a cursor with any content."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(st.integers(0, 2**40), st.none() | st.integers(0, 99), st.integers(), st.text(max_size=5))
def test_a_place_is_read_as_it_was_written(skip: int, left: int | None, app_id: int, domain: str) -> None:
    """With characters that need no escaping."""
    cursor = Cursor(newest=date(2025, 11, 20), after=(app_id % 2**40, domain), skip=skip, left=left)
    text = cursor.text()
    assert text.replace("-", "").replace("_", "").isalnum()
    assert read_cursor(text, APP_DOMAINS) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "äö",
        written(5),
        written({"skip": -1}),
        written({"skip": 2**62}),
        written({"left": "x"}),
        written({"newest": "soon"}),
        written({"after": ["x"]}),
        written({"after": [1, 2]}),
        written({"after": []}),
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """There is no server error."""
    with pytest.raises(BadRequest, match="'page' is not one of this server"):
        read_cursor(text or "=", APPS)


@pytest.mark.parametrize("number", range(ROWS.height))
def test_rows_behind_a_key_are_those_after_it(number: int) -> None:
    """The row of the key may be gone."""
    after = key_of(ROWS[: number + 1], APP_USAGE)
    assert rows_after(ROWS, APP_USAGE, after).equals(ROWS[number + 1 :])
    assert rows_after(ROWS[number + 1 :], APP_USAGE, after).equals(ROWS[number + 1 :])
