"""Filters of governance tasks, as sent by clients (api §14)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import GOVERNANCE
from tests.conftest import NOW
from tests.filters.found import found, lacking

DOCUMENTED = {"timestamp": "gte lte range", "type": "eq", "status": "eq", "appId": "eq neq", "taskName": "eq"}

RECORDS: dict[str, dict[str, Any]] = {
    "p": {"timestamp": NOW, "task_name": "DiscoveryParseLogTask", "is_success": True, "app_id": 20595},
    "q": {"timestamp": NOW - 1, "task_name": "TagAppTask", "is_success": None, "app_id": 1},
}


def test_every_filter_and_operator_of_clients_is_there() -> None:
    """The filters that clients send are allowed."""
    assert lacking(GOVERNANCE, DOCUMENTED) == []


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("timestamp", "gte", NOW, "p"),
        ("type", "eq", ["DiscoveryParseLogTask"], "p"),
        ("taskName", "neq", "DiscoveryParseLogTask", "q"),
        ("status", "eq", None, "q"),
        ("appId", "eq", "1", "q"),
    ],
)
def test_tasks_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per filter."""
    assert found(GOVERNANCE, RECORDS, name, operator, operand) == expected
