"""Finds the records that match a filter, with the Python interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opencasb.filters.field import Table
from opencasb.filters.parse import parse
from opencasb.filters.predicate import holds
from tests.conftest import NOW

Records = Mapping[str, Mapping[str, Any]]


def found(table: Table, records: Records, name: str, operator: str, operand: Any) -> str:
    """Return the names of the records, one letter each, that match one condition."""
    tree = parse({name: {operator: operand}}, table, NOW)
    return "".join(letter for letter, record in records.items() if holds(tree, record))


def lacking(table: Table, documented: Mapping[str, str]) -> list[str]:
    """Return the documented filters and operators missing from a table; ``documented`` separates them by blanks."""
    return [
        f"{name}.{operator}"
        for name, operators in documented.items()
        for operator in operators.split()
        if name.lower() not in table or operator not in table[name.lower()].operators
    ]
