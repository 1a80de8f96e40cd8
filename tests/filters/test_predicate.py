"""The Python interpreter implements the table of operators."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.filters.field import Kind, column
from opencasb.filters.parse import parse
from opencasb.filters.predicate import holds
from opencasb.filters.tree import GAP, AllOf, Among, AnyOf, Empty, Like, Node, Not, OneOf, Span
from tests.conftest import NOW
from tests.filters.looked_up import Looked
from tests.filters.reference import FIELDS, matches
from tests.filters.strategies import combined, every_condition, records

WORD, NAMES = column("word"), column("names", many=True, folded=True)
NUMBERS = column("numbers", Kind.INTEGER, many=True)


@settings(max_examples=40)
@given(records, every_condition(), st.integers(20, 40))
def test_it_agrees_with_the_naive_reference(
    rows: list[dict[str, Any]], conditions: dict[tuple[str, str], Any], few: int
) -> None:
    """For random records and every operator, alone and combined, the results equal those of the reference."""
    filters: list[dict[str, Any]] = [{name: {each: operand}} for (name, each), operand in conditions.items()]
    filters.append(combined(conditions, few))
    for wanted in filters:
        tree = parse(wanted, FIELDS, NOW)
        assert [holds(tree, row) for row in rows] == [matches(row, wanted, NOW) for row in rows], wanted


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (AnyOf(), False),
        (AllOf(), True),
        (Not(AnyOf((Empty(WORD), Empty(NAMES)))), True),
        (OneOf(NAMES, ("ana",)), True),
        (OneOf(NUMBERS, ("1",)), True),
        (Like(WORD, "around", (f"ab{GAP}d",)), True),
        (Like(WORD, "around", (f"b{GAP}d",)), False),
        (Span(WORD, (("x", "z"), ("abc", "abcd"))), True),
        (Span(WORD, (("abcde", "abcf"),)), False),
        (Empty(column("absent")), True),
    ],
)
def test_a_record_is_a_mapping_of_columns(node: Node, expected: bool) -> None:
    """Many-valued columns may be any collection, with numbers as numbers or digits; a missing key means no value."""
    record = {"word": "abcd", "names": {"Ana", "Bob"}, "numbers": [1]}
    assert holds(node, record) is expected


def test_values_that_are_looked_up() -> None:
    """For single- and many-valued fields; a missing value does not match."""
    assert [holds(Among(WORD, Looked()), {"word": each}) for each in ("ana", "eve", None)] == [True, False, False]
    assert [holds(Among(NAMES, Looked()), {"names": each}) for each in (["x", "BEN"], [], None)] == [True, False, False]
