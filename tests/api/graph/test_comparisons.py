"""The meaning of comparisons."""

from __future__ import annotations

import polars as pl
import pytest

from opencasb.api.graph import comparisons
from opencasb.api.graph.comparisons import Comparator, Operand, TextFunction
from opencasb.api.graph.edm import Primitive, Property
from opencasb.api.graph.enums import STATE, UPLOADED_DATA_TYPES
from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.literals import Value

FRAME = pl.DataFrame(
    {
        "name": ["Dropbox", "ÉCOLE", None],
        "score": [4, None, 9],
        "tags": [["Monitored", "EU"], [], None],
        "state": ["true", "unknown", "false"],
        "types": ["documents,mediaFiles", "none", "documents"],
    }
)
NAME = Operand("displayName", Property("displayName", Primitive.STRING), pl.col("name"))
SCORE = Operand("riskScore", Property("riskScore", Primitive.INT64), pl.col("score"))
TAGS = Operand("tags", Property("tags", Primitive.STRING, collection=True), pl.col("tags"))
DMCA = Operand("isDmca", Property("isDmca", STATE), pl.col("state"))
TYPES = Operand("dataTypes", Property("dataTypes", UPLOADED_DATA_TYPES), pl.col("types"))


def rows(condition: pl.Expr) -> list[int]:
    """Return which rows meet a condition that must be true or false for all of them."""
    held = FRAME.select(condition.alias("held"))["held"]
    assert held.null_count() == 0
    return [at for at, kept in enumerate(held) if kept]


@pytest.mark.parametrize(
    ("left", "comparator", "value", "kept"),
    [
        (NAME, "eq", "DROPBOX", [0]),
        (NAME, "eq", "école", [1]),
        (NAME, "ne", "dropbox", [1, 2]),
        (NAME, "lt", "E", [0]),
        (NAME, "eq", None, [2]),
        (NAME, "ne", None, [0, 1]),
        (SCORE, "le", 4, [0]),
        (SCORE, "le", 4.5, [0]),
        (SCORE, "ge", 4, [0, 2]),
        (SCORE, "lt", 4, []),
        (SCORE, "gt", 4, [2]),
        (SCORE, "ne", 4, [1, 2]),
        (SCORE, "eq", 2**63 - 1, []),
        (SCORE, "le", None, []),
        (TAGS, "eq", "monitored", [0]),
        (TAGS, "ne", "monitored", [1, 2]),
        (DMCA, "eq", "true", [0]),
        (DMCA, "ne", "true", [1, 2]),
        (TYPES, "eq", "documents", [2]),
    ],
)
def test_comparisons_ignore_case_and_know_null(
    left: Operand, comparator: Comparator, value: Value, kept: list[int]
) -> None:
    """Null equals only null and has no order; a collection matches if any element does."""
    assert rows(comparisons.compare(left, comparator, value)) == kept


@pytest.mark.parametrize(
    ("function", "left", "text", "kept"),
    [
        ("contains", NAME, "PBO", [0]),
        ("startswith", NAME, "éc", [1]),
        ("endswith", NAME, "BOX", [0]),
        ("contains", NAME, ".", []),
        ("contains", NAME, "", [0, 1]),
        ("contains", TAGS, "monitor", [0]),
        ("endswith", TAGS, "U", [0]),
        ("contains", TYPES, "MediaFiles", [0]),
        ("contains", TYPES, "media", []),
    ],
)
def test_text_functions_are_literal_and_ignore_case(
    function: TextFunction, left: Operand, text: str, kept: list[int]
) -> None:
    """Text is not a pattern; among flags only whole members match."""
    assert rows(comparisons.text_function(function, left, text)) == kept


def test_all_and_any_of_a_collection() -> None:
    """`any` needs an element, `all` is true if there are none."""
    condition = comparisons.compare(TAGS.element(), "eq", "eu")
    assert rows(comparisons.any_element(TAGS, condition)) == [0]
    assert rows(comparisons.every_element(TAGS, condition)) == [1, 2]


@pytest.mark.parametrize(
    ("left", "comparator", "value"), [(TAGS, "lt", "a"), (DMCA, "ge", "true"), (TYPES, "gt", "documents")]
)
def test_what_has_no_order_is_not_ordered(left: Operand, comparator: Comparator, value: Value) -> None:
    """Collections and enumerations can only be compared for equality."""
    with pytest.raises(BadRequest, match=f"'{left.name}'"):
        comparisons.compare(left, comparator, value)


def test_text_functions_need_text() -> None:
    """Numbers and states have no prefix."""
    for left in (SCORE, DMCA):
        with pytest.raises(BadRequest, match=f"text property; '{left.name}'"):
            comparisons.text_function("startswith", left, "4")
