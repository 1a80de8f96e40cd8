"""Conversion of wire alerts to records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.alert_columns import record
from opencasb.activities.invalid import Invalid
from tests.alerts import alert, alert_id
from tests.conftest import NOW
from tests.filters.test_parse import json


def test_an_alert_is_found_by_all_that_it_names() -> None:
    """Strings in lower case, IP addresses as text and comparison key, apps and instances as digits."""
    made = record(alert(policy={"id": "66AA0000000000000000000F", "policyType": "AUDIT"}))
    assert made.record_id == alert_id(1)
    assert {name: set(values) for name, values in made.values.items()} == {
        "stories": {"0"},
        "entities": {"3b0f4c3e-0000-4000-8000-0000000000aa|0|11161", "ana@example.org|0|"},
        "users": {
            "3b0f4c3e-0000-4000-8000-0000000000aa",
            "ana@example.org",
            "ana.silva@example.org",
            "ana silva",
        },
        "ips": {"192.0.2.10"},
        "ip_keys": {"00000000000000000000ffffc000020a"},
        "services": {"11161", "20893"},
        "instances": {"11161", "11161|0", "20893", "20893|0"},
        "policies": {"66aa00000000000000000001", "66aa0000000000000000000f"},
        "files": {"b!site|01FILE", "01FILE"},
        "streams": set(),
    }


def test_columns_are_what_lists_sort_and_filter_by() -> None:
    """Times in ms; informational is below low, although its number is higher."""
    closed = alert(resolveTime="2025-11-20T12:00:00.000Z", resolutionStatusValue=4, severityValue=3, statusValue=1)
    assert record(closed).columns == {
        "timestamp": NOW - 999_000,
        "severity": 3,
        "severity_rank": 0,
        "status": 1,
        "resolution_status": 4,
        "resolved_at": NOW,
        "alert_type": 15859716,
        "is_built_in": True,
    }


@pytest.mark.parametrize(
    ("given_", "told", "stored"),
    [
        ("2025-11-20T12:00:00Z", "2025-11-20T12:00:00.000Z", NOW),
        ("2025-11-20T13:00:00.1234567+01:00", "2025-11-20T12:00:00.123Z", NOW + 123),
        ("2025-11-20", "2025-11-20T00:00:00.000Z", NOW - 43_200_000),
        ("", None, None),
        (None, None, None),
    ],
)
def test_the_time_of_closing_has_one_form(given_: str | None, told: str | None, stored: int | None) -> None:
    """In UTC with milliseconds, or null (api §1.2, §8.3)."""
    made = record(alert(resolveTime=given_))
    assert (made.document["resolveTime"], made.columns["resolved_at"]) == (told, stored)


def test_a_discovery_alert_names_its_report_and_app() -> None:
    """Report administrators are limited by report."""
    entities = [
        {"type": "discovery_service", "id": 10489, "label": "Box"},
        {"type": "discovery_stream", "id": "66ae00000000000000000002", "label": "Global View"},
        {"type": "account", "id": "Ana", "saas": 11770, "inst": 1059065},
    ]
    values = record(alert(entities=entities)).values
    assert set(values["services"]) == {"10489", "11770"}
    assert set(values["streams"]) == {"66ae00000000000000000002"}
    assert set(values["instances"]) == {"11770", "1059065", "11770|1059065"}


@pytest.mark.parametrize(
    ("changes", "built_in"),
    [
        ({}, True),
        ({"idValue": 15728642}, False),
        ({"policy": {"id": "x", "policyType": "SESSION"}}, False),
        ({"entities": [{"type": "policyRule", "id": "x", "policyType": "NEW_SERVICE"}]}, False),
        ({"entities": [{"type": "policyRule", "id": "x", "policyType": "MALWARE"}]}, True),
        ({"entities": [], "idValue": None}, True),
    ],
)
def test_alerts_of_own_policies_are_told_from_built_in_ones(changes: dict[str, Any], built_in: bool) -> None:
    """The type of the alert, its rule or its policy decides."""
    assert record(alert(**changes)).columns["is_built_in"] is built_in


def test_a_short_alert_gets_every_key_that_clients_read() -> None:
    """Only id, time and severity are required; the URL is that of the responding server."""
    made = record({"_id": alert_id(1), "timestamp": 5, "severityValue": 0, "URL": "https://elsewhere.example"})
    assert made.document == {
        "_id": alert_id(1),
        "timestamp": 5,
        "severityValue": 0,
        "statusValue": 0,
        "resolutionStatusValue": 0,
        "title": "",
        "description": "",
        "comment": "",
        "handledByUser": None,
        "resolveTime": None,
        "isMarkdown": False,
        "isPreview": False,
        "isSystemAlert": False,
        "entities": [],
        "stories": [],
        "evidence": [],
        "intent": [],
        "contextId": "075d3f0a-516f-52ca-92a6-1ba3d8b94100",
        "threatScoreReasoning": [],
    }


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("_id", "x", "_id: x is not valid; an id of 24 lower-case hex digits is expected"),
        ("_id", None, "_id: null is not valid"),
        ("timestamp", "1", "timestamp: 1 is not valid; a time in ms since 1970 is expected"),
        ("timestamp", 2**53, "timestamp: "),
        ("title", 5, "title: 5 is not valid; text is expected"),
        ("comment", [], "comment: a list is not valid"),
        ("handledByUser", 5, "handledByUser: 5 is not valid; text is expected"),
        ("isPreview", 1, "isPreview: 1 is not valid; true or false is expected"),
        ("severityValue", 4, "severityValue: 4 is not valid; 0, 1, 2 or 3: low"),
        ("severityValue", True, "severityValue: true is not valid"),
        ("statusValue", 3, "statusValue: "),
        ("resolutionStatusValue", 6, "resolutionStatusValue: "),
        ("stories", [True], "stories: a list is not valid; a list of risk categories is expected"),
        ("entities", ["x"], "entities: a list is not valid; a list of objects is expected"),
        ("audits", [5], "audits: a list is not valid; a list of activity ids is expected"),
        ("policy", "x", "policy: x is not valid; an object is expected"),
        ("resolveTime", "soon", "resolveTime: soon is not valid; ISO 8601 text is expected"),
        ("resolveTime", 5, "resolveTime: 5 is not valid"),
        ("resolveTime", "0001-01-01T00:00:00+14:00", "resolveTime: 0001-01-01T00:00:00+14:00 is not valid"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: Any, said: str) -> None:
    """The error has field, value and what is allowed."""
    with pytest.raises(Invalid) as raised:
        record(alert(**{name: value}))
    assert str(raised.value).startswith(said)


KEYS = ["type", "id", "label", "saas", "inst", "pa", "em", "policyType"]
TYPES = ["account", "user", "ip", "service", "file", "policyRule", "discovery_stream", "discovery_service"]
entities = st.dictionaries(st.sampled_from(KEYS), json | st.sampled_from(TYPES))


@given(
    st.dictionaries(st.sampled_from([*alert(), "policy"]), json),
    st.lists(entities | st.builds(lambda kind, rest: {**rest, "type": kind}, st.sampled_from(TYPES), entities)),
)
def test_any_alert_is_taken_or_refused(changes: dict[str, Any], entities: list[dict[str, Any]]) -> None:
    """No document raises another error, and the result can be stored."""
    try:
        made = record({**alert(entities=entities), **changes})
    except Invalid:
        return
    assert all(isinstance(value, str) for values in made.values.values() for value in values)
