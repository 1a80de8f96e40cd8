"""Filters of alerts (api §8.8)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.errors import InvalidFilter
from opencasb.filters.fields import ALERTS
from opencasb.filters.parse import parse
from tests.conftest import NOW
from tests.filters.found import found, lacking

DOCUMENTED = {
    "entity.entity": "eq neq",
    "entity.ip": "eq neq",
    "entity.service": "eq neq",
    "entity.instance": "eq neq",
    "entity.policy": "eq neq",
    "entity.file": "eq neq",
    "entity.user": "eq neq",
    "instance": "eq",
    "alertOpen": "eq",
    "severity": "eq neq",
    "resolutionStatus": "eq neq",
    "read": "eq",
    "date": "lte gte range lte_ndays gte_ndays",
    "resolutionDate": "lte gte range",
    "risk": "eq neq",
    "alertType": "eq neq",
    "ID": "eq neq",
    "source": "eq",
}

RECORDS: dict[str, dict[str, Any]] = {
    "a": {
        "record_id": "66f0a1b2c3d4e5f60718293a",
        "timestamp": NOW,
        "severity": 2,
        "status": 0,
        "resolution_status": 0,
        "alert_type": 15859716,
        "is_built_in": True,
        "stories": ["0", "7"],
        "entities": ["guid-1|0|11161"],
        "users": ["ana@example.org"],
        "ips": ["192.0.2.10"],
        "ip_keys": ["00000000000000000000ffffc000020a"],
        "services": ["11161", "20893"],
        "instances": ["11161", "11161|0", "20893", "20893|0"],
    },
    "b": {
        "record_id": "66f0a1b2c3d4e5f60718293b",
        "timestamp": NOW - 10 * 86_400_000,
        "severity": 0,
        "status": 2,
        "resolution_status": 4,
        "resolved_at": NOW,
        "alert_type": 15728642,
        "is_built_in": False,
        "stories": ["3"],
        "services": ["11770"],
        "instances": ["11770", "11770|1059065", "1059065"],
        "policies": ["66aa00000000000000000001"],
        "files": ["site|F1", "F1"],
    },
}


def test_every_documented_filter_and_operator_is_there() -> None:
    """Exactly the filters and operators of the contract are allowed."""
    assert lacking(ALERTS, DOCUMENTED) == []
    assert ALERTS.keys() == {name.lower() for name in DOCUMENTED}


@pytest.mark.parametrize(
    ("name", "operator", "operand", "expected"),
    [
        ("entity.entity", "eq", [{"id": "GUID-1", "inst": 0}], "a"),
        ("entity.ip", "eq", "192.0.2.0/28", "a"),
        ("entity.ip", "neq", "192.0.2.10", "b"),
        ("entity.service", "eq", ["20893"], "a"),
        ("entity.instance", "eq", 11161, "a"),
        ("entity.instance", "eq", 1059065, "b"),
        ("entity.instance", "eq", {"saas": 11770, "inst": 1059065}, "b"),
        ("entity.instance", "eq", ["11770|0"], ""),
        ("entity.instance", "eq", {"saas": 11770}, "b"),
        ("entity.instance", "eq", {"inst": "1059065"}, "b"),
        ("instance", "neq", "11161|0", "b"),
        ("entity.policy", "eq", "66AA00000000000000000001", "b"),
        ("entity.file", "eq", "site|F1", "b"),
        ("entity.user", "eq", "Ana@Example.org", "a"),
        ("alertOpen", "eq", True, "a"),
        ("alertOpen", "eq", ["false"], "b"),
        ("severity", "eq", "2", "a"),
        ("resolutionStatus", "neq", [0, 1], "b"),
        ("read", "eq", True, "b"),
        ("read", "eq", "false", "a"),
        ("date", "gte_ndays", 7, "a"),
        ("resolutionDate", "lte", NOW, "b"),
        ("risk", "eq", [7], "a"),
        ("risk", "neq", 0, "b"),
        ("alertType", "eq", 15728642, "b"),
        ("ID", "eq", ["66F0A1B2C3D4E5F60718293A"], "a"),
        ("id", "neq", "66f0a1b2c3d4e5f60718293a", "b"),
        ("source", "eq", "Built_In", "a"),
        ("source", "eq", ["policy"], "b"),
    ],
)
def test_alerts_are_found(name: str, operator: str, operand: Any, expected: str) -> None:
    """One condition per filter, in the forms that clients send."""
    assert found(ALERTS, RECORDS, name, operator, operand) == expected


@pytest.mark.parametrize(
    ("name", "operand", "said"),
    [
        ("id", "ca66f0a1b2c3d4e5f60718293a", "an id of 24 hex characters is expected"),
        ("source", "elsewhere", "one of built-in, builtin, built_in, policy is expected"),
        ("entity.instance", {}, "an app id, an instance id, or both"),
        ("entity.instance", "a|b", "a|b is not valid"),
        ("read", None, "null is not valid: true or false"),
    ],
)
def test_what_is_wrong_is_named(name: str, operand: Any, said: str) -> None:
    """An invalid id is an error, which makes clients retry without its prefix (api §8.7)."""
    with pytest.raises(InvalidFilter) as error:
        parse({name: {"eq": operand}}, ALERTS, NOW)
    assert said in str(error.value)
