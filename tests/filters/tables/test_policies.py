"""Filters of policies (api §15)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import POLICIES
from tests.filters.found import found

RECORDS: dict[str, dict[str, Any]] = {
    "a": {"record_id": "66aa00000000000000000001", "policy_type": "audit", "name": "mass download", "is_enabled": True},
    "f": {"record_id": "66aa00000000000000000002", "policy_type": "file", "name": "public file", "is_enabled": False},
}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("type", "eq", ["AUDIT"], "a"),
        ("type", "neq", "AUDIT", "f"),
        ("id", "eq", "66AA00000000000000000002", "f"),
        ("name", "contains", "Public", "f"),
        ("enabled", "eq", "true", "a"),
    ],
)
def test_policies_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """The filter that clients use, and our own."""
    assert found(POLICIES, RECORDS, name, operator, operand) == expected
