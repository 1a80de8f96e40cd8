"""The Polars interpreter implements the table of operators."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.filters.field import column
from opencasb.filters.frames import expression
from opencasb.filters.parse import parse
from opencasb.filters.tree import Among
from tests.conftest import NOW
from tests.filters.looked_up import Looked
from tests.filters.reference import FIELDS, matches
from tests.filters.strategies import combined, every_condition, records

SCHEMA: dict[str, Any] = {
    "number": pl.Int64,
    "moment": pl.Int64,
    "switch": pl.Boolean,
    "word": pl.String,
    "code": pl.String,
    "place": pl.String,
    "words": pl.List(pl.String),
    "numbers": pl.List(pl.String),
}


@settings(max_examples=60, deadline=None)
@given(records, every_condition(), st.integers(20, 40))
def test_it_agrees_with_the_naive_reference(
    rows: list[dict[str, Any]], conditions: dict[tuple[str, str], Any], few: int
) -> None:
    """For random records and every operator, alone and combined, the results equal those of the reference."""
    filters: list[dict[str, Any]] = [{name: {each: operand}} for (name, each), operand in conditions.items()]
    filters.append(combined(conditions, few))
    found = pl.DataFrame(rows, schema=SCHEMA).select(
        expression(parse(wanted, FIELDS, NOW)).alias(str(at)) for at, wanted in enumerate(filters)
    )
    for at, wanted in enumerate(filters):
        assert found[str(at)].to_list() == [matches(row, wanted, NOW) for row in rows], wanted


def test_values_that_are_looked_up() -> None:
    """For single- and many-valued fields; a missing value does not match."""
    code, names = column("code"), column("names", many=True, folded=True)
    frame = pl.DataFrame({"code": ["ana", "eve", None], "names": [["x", "BEN"], [], None]})
    for field in (code, names):
        assert frame.select(expression(Among(field, Looked()))).to_series().to_list() == [True, False, False]
