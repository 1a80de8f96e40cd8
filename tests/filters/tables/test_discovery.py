"""Filters of apps, as sent by clients (api §12.4)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import CATALOG_APPS, DISCOVERED_APPS
from tests.conftest import NOW
from tests.filters.found import found, lacking

DOCUMENTED = {
    "score": "eq",
    "users": "gt lt",
    "user.entity": "eq",
    "tag": "eq neq",
    "appId": "eq neq",
    "category": "eq neq",
    "name": "eq contains startswith",
}

RECORDS: dict[str, dict[str, Any]] = {
    "d": {
        "app_id": 11627,
        "name": "Dropbox",
        "domains": ["dropbox.com"],
        "category": "SAASDB_CATEGORY_CLOUD_STORAGE",
        "score": 9,
        "tags": ["Sanctioned"],
        "flags": [],
        "listed": True,
        "users": 12,
        "last_seen": NOW,
    },
    "x": {
        "app_id": 1,
        "name": "files.example",
        "domains": ["files.example"],
        "category": "SAASDB_CATEGORY_UNKNOWN",
        "tags": [],
        "flags": ["tracker"],
        "listed": False,
        "users": 1,
        "last_seen": NOW - 30 * 86_400_000,
    },
}


def test_every_filter_and_operator_of_clients_is_there() -> None:
    """The catalog has those that do not refer to usage."""
    assert lacking(DISCOVERED_APPS, DOCUMENTED) == []
    assert lacking(CATALOG_APPS, {"name": "contains"}) == []
    assert CATALOG_APPS.keys() < DISCOVERED_APPS.keys()


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("score", "eq", [8, 10], "d"),
        ("score", "eq", None, "x"),
        ("users", "gt", "5", "d"),
        ("tag", "eq", ["None"], "x"),
        ("tag", "neq", "sanctioned", "x"),
        ("appId", "eq", 11627, "d"),
        ("category", "eq", "cloud_storage", "d"),
        ("name", "contains", ["DROP"], "d"),
        ("domain", "endswith", ".example", "x"),
        ("flag", "eq", "Tracker", "x"),
        ("flag", "neq", "tracker", "d"),
        ("listed", "eq", "false", "x"),
        ("lastUsed", "lte_ndays", 7, "x"),
    ],
)
def test_apps_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per filter."""
    assert found(DISCOVERED_APPS, RECORDS, name, operator, operand) == expected
