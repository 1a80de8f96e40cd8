"""The Polars interpreter says what the table of operators says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from hypothesis import given, settings

from opencasb.filters.frames import expression
from opencasb.filters.parse import parse
from opencasb.filters.tree import AnyOf, OneOf
from tests.conftest import NOW
from tests.filters.reference import FIELDS, matches
from tests.filters.strategies import filters, records

SCHEMA: dict[str, Any] = {
    "number": pl.Int64,
    "moment": pl.Int64,
    "switch": pl.Boolean,
    "word": pl.String,
    "code": pl.String,
    "place": pl.String,
    "words": pl.List(pl.String),
    "numbers": pl.List(pl.Int64),
}


def chosen(rows: list[dict[str, Any]], wanted: Mapping[str, Any]) -> list[bool]:
    """Return which of ``rows`` the interpreter keeps."""
    frame = pl.DataFrame(rows, schema=SCHEMA).with_row_index("at")
    kept = set(frame.filter(expression(parse(wanted, FIELDS, NOW)))["at"])
    return [at in kept for at in range(len(rows))]


@settings(max_examples=300, deadline=None)
@given(records, filters())
def test_it_agrees_with_the_naive_reference(rows: list[dict[str, Any]], wanted: Mapping[str, Any]) -> None:
    """For random records and random filters the answer is that of the reference, record by record."""
    assert chosen(rows, wanted) == [matches(row, wanted, NOW) for row in rows]


def test_alternatives_hold_if_one_holds() -> None:
    """AnyOf is a disjunction, and without members it is false."""
    field = FIELDS["number"]
    frame = pl.DataFrame({"number": [1, 2, None]})
    either = AnyOf((OneOf(field, (1,)), OneOf(field, (), or_empty=True)))
    assert frame.filter(expression(either))["number"].to_list() == [1, None]
    assert frame.filter(expression(AnyOf())).is_empty()
