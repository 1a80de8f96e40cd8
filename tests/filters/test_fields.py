"""The tables of filters are complete and sound."""

from __future__ import annotations

import pytest

import opencasb.filters
from opencasb.filters.fields import EQUALITY, PRESENCE, RESOURCES, Kind, Table
from opencasb.filters.parse import NEGATIVES, OPERATORS


@pytest.mark.parametrize("table", RESOURCES.values(), ids=RESOURCES)
def test_every_operator_of_a_table_exists(table: Table) -> None:
    """A table cannot promise an operator that the parser does not have, and is found by lower-case names."""
    for name, field in table.items():
        assert name == field.name.lower()
        assert field.operators <= OPERATORS.keys() | NEGATIVES.keys()
        assert field.special.keys() <= field.operators & OPERATORS.keys()
        assert field.about


@pytest.mark.parametrize("table", RESOURCES.values(), ids=RESOURCES)
def test_numbers_in_lists_are_only_told_apart(table: Table) -> None:
    """They are stored as their digits, which have no order."""
    for field in table.values():
        if field.many and field.kind is Kind.INTEGER:
            assert field.operators <= EQUALITY | PRESENCE | {"deq"}


def test_there_are_22_operators() -> None:
    """The 21 that are documented for all lists, and one for files (api §6.3)."""
    assert len(OPERATORS) + len(NEGATIVES) == 22
    assert set(NEGATIVES.values()) <= OPERATORS.keys()


def test_the_manual_has_every_operator() -> None:
    """The module docstring is the manual of the language."""
    manual = opencasb.filters.__doc__ or ""
    assert [name for name in (*OPERATORS, *NEGATIVES) if f"``{name}``" not in manual] == []
