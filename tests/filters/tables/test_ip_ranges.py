"""Filters of IP ranges (api §11.5)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import IP_RANGES
from tests.filters.found import found, lacking

DOCUMENTED = {"category": "eq neq", "tags": "eq neq", "builtIn": "eq", "name": "eq neq"}

RECORDS: dict[str, dict[str, Any]] = {
    "o": {"name": "lisbon office", "category": 1, "is_built_in": False, "tags": ["66ad00000000000000000001"]},
    "t": {"name": "tor", "category": 3, "is_built_in": True},
}


def test_every_documented_filter_and_operator_is_there() -> None:
    """Exactly the filters and operators of the contract are allowed."""
    assert lacking(IP_RANGES, DOCUMENTED) == []
    assert IP_RANGES.keys() == {name.lower() for name in DOCUMENTED}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("category", "eq", "1", "o"),
        ("tags", "eq", ["66AD00000000000000000001"], "o"),
        ("tags", "neq", ["66ad00000000000000000001"], "t"),
        ("builtIn", "eq", "true", "t"),
        ("name", "eq", "Lisbon Office", "o"),
    ],
)
def test_ranges_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per filter, in the forms that clients send."""
    assert found(IP_RANGES, RECORDS, name, operator, operand) == expected
