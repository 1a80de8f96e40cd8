"""Filters of users and accounts (api §9.3)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.fields import ENTITIES
from tests.conftest import NOW
from tests.filters.found import found, lacking

DOCUMENTED = {
    "type": "eq neq",
    "isAdmin": "eq",
    "entity": "eq neq",
    "userGroups": "eq neq",
    "app": "eq neq",
    "service": "eq neq",
    "instance": "eq neq",
    "isExternal": "eq",
    "affiliation": "eq",
    "domain": "eq neq isset isnotset",
    "organization": "eq neq isset isnotset",
    "status": "eq neq",
    "displayName": "eq",
    "score": "lt gt isset isnotset",
    "lastSeen": "lte gte range",
}

RECORDS: dict[str, dict[str, Any]] = {
    "u": {
        "entity_type": 2,
        "saas_id": 11161,
        "instance_id": 0,
        "is_admin": True,
        "is_external": False,
        "domain": "example.org",
        "organization": "/sales",
        "status": 2,
        "display_name": "ana silva",
        "score": 12,
        "last_seen": NOW,
        "entities": ["guid-1|0|11161", "ana|5|11770"],
        "user_groups": ["0000003b0000000000000000"],
        "apps": ["11161", "11770"],
    },
    "a": {
        "entity_type": 1,
        "saas_id": 11770,
        "instance_id": 5,
        "is_admin": False,
        "is_external": None,
        "status": 0,
        "display_name": "ana silva dias",
        "entities": ["ana|5|11770"],
        "apps": ["11770"],
    },
}


def test_every_documented_filter_and_operator_is_there() -> None:
    """Exactly the filters and operators of the contract are allowed."""
    assert lacking(ENTITIES, DOCUMENTED) == []
    assert ENTITIES.keys() == {name.lower() for name in DOCUMENTED}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("type", "eq", "User", "u"),
        ("type", "eq", ["account", 7], "a"),
        ("type", "neq", "1", "u"),
        ("isAdmin", "eq", "true", "u"),
        ("isAdmin", "eq", False, "a"),
        ("entity", "eq", [{"id": "GUID-1", "saas": 11161, "inst": 0}], "u"),
        ("entity", "eq", {"id": "ana", "saas": "11770"}, "ua"),
        ("userGroups", "eq", "0000003B0000000000000000", "u"),
        ("app", "eq", 11161, "u"),
        ("service", "neq", [11161], "a"),
        ("instance", "eq", 5, "a"),
        ("instance", "eq", "11161|0", "u"),
        ("isExternal", "eq", None, "a"),
        ("isExternal", "eq", "false", "u"),
        ("affiliation", "eq", [True, "null"], "a"),
        ("domain", "eq", "Example.ORG", "u"),
        ("organization", "isnotset", "true", "a"),
        ("organization", "descendantof", "/", "u"),
        ("status", "eq", ["2"], "u"),
        ("displayName", "eq", "Ana Silva", "u"),
        ("score", "gt", 5, "u"),
        ("score", "isset", False, "a"),
        ("lastSeen", "gte", "2025-11-20T12:00:00Z", "u"),
    ],
)
def test_entities_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per filter, in the forms that clients send."""
    assert found(ENTITIES, RECORDS, name, operator, operand) == expected
