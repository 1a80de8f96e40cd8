"""Filters of user groups (api §15)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import USER_GROUPS
from tests.filters.found import found

RECORDS: dict[str, dict[str, Any]] = {
    "o": {"app_id": 11161, "name": "sales", "status": 1},
    "b": {"name": "external users"},
}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [("app", "eq", ["11161"], "o"), ("name", "startswith", "Ext", "b"), ("status", "neq", 1, "b")],
)
def test_groups_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """The filter that clients use, and our own."""
    assert found(USER_GROUPS, RECORDS, name, operator, operand) == expected
