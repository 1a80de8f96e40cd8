"""Readers of delivered records: both forms of activities, and entities."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opencasb.activities.invalid import Invalid
from opencasb.activities.ip_ranges import RangeIndex
from opencasb.activities.places import Place
from opencasb.activities.readers import activities, entities, files, is_normalised
from opencasb.store.records import Record
from tests.activities.example import TENANT, wire
from tests.conftest import NOW

TAG = "0000002a0000000000000000"


OFFICE = {
    "name": "office",
    "category": 1,
    "subnets": [{"address": "0000:0000:0000:0000:0000:ffff:c000:020a", "mask": 128}],
    "tags": [{"id": TAG}],
    "organization": None,
    "location": None,
}


def read(given: dict[str, Any]) -> Record:
    """Read an activity for the tenant with the office range."""

    def ranges(tenant_id: int) -> RangeIndex:
        assert tenant_id == TENANT
        return RangeIndex([OFFICE])

    return activities(ranges, lambda _: Place(country_code="PT"))(TENANT, NOW, ())(given)


def test_a_normalised_activity_is_stored_in_wire_form() -> None:
    """It is completed, enriched, and has the filter columns (connectors §2)."""
    found = read(
        {
            "id": "a1",
            "timestamp": "2025-11-20T11:59:00.000Z",
            "app": "okta",
            "rawOperation": "user.session.start",
            "eventTypeName": "EVENT_CATEGORY_LOGIN",
            "user": "Ana@example.org",
            "ip": "192.0.2.10",
            "isAdmin": True,
        }
    )
    assert found.record_id == found.document["_id"] == "a1"
    assert (found.columns["timestamp"], found.columns["created"]) == (NOW - 60_000, NOW)
    assert (found.columns["app_id"], found.columns["action_type"]) == (10980, "user.session.start")
    assert (found.columns["user_domain"], found.columns["is_admin"]) == ("example.org", True)
    assert (found.columns["country"], found.columns["ip_category"]) == ("pt", 1)
    assert found.values["ip_tags"] == [TAG]


def test_a_wire_activity_is_completed() -> None:
    """Fields that clients index unconditionally are present; the tenant is the receiving one."""
    found = read({"_id": "a2", "appId": 10489, "timestamp": NOW, "device": {"clientIP": "192.0.2.10"}, "tenantId": 7})
    assert (found.record_id, found.document["tenantId"], found.document["appName"]) == ("a2", TENANT, "Box")
    assert found.document["location"]["countryCode"] == "PT"
    assert found.document["entityData"] == {"0": None, "1": None, "2": None}
    assert found.values["ips"] == ["192.0.2.10"]


def test_a_normalised_activity_without_app_and_operation_keeps_what_it_says() -> None:
    """An app number and a category are enough."""
    given = {"appId": 11161, "eventTypeName": "EVENT_CATEGORY_LOGIN", "id": "n1", "ip": "198.51.100.5", "user": "a@b.c"}
    found = read({**given, "isSuccess": False, "timestamp": NOW}).document
    assert (found["_id"], found["device"]["clientIP"], found["user"]["userName"]) == ("n1", "198.51.100.5", "a@b.c")
    assert found["mainInfo"]["activityResult"]["isSuccess"] is False


def test_what_is_known_of_an_address_stays() -> None:
    """Category and tags of an activity enriched earlier are kept; a range of the tenant takes precedence (§6)."""
    given = {"app": "aws", "activityClass": "login", "ip": "198.51.100.5", "ipCategory": 4, "ipTags": ["Tor", "own"]}
    location = read(given).document["location"]
    assert (location["category"], location["categoryValue"]) == (4, "VPN")
    assert location["ipTags"] == ["2dfa95cd7922d979d66fcff5", "own"]
    assert read({**given, "ip": "192.0.2.10"}).document["location"]["category"] == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [("login", "LOGIN"), ("delete", "DELETE_OBJECT"), ("vm_create", "CREATE_VM"), ("admin_change", "UNSPECIFIED")],
)
def test_a_class_alone_gives_the_category(given: str, expected: str) -> None:
    """It must be specific enough; with an operation of the vendor, the category is still unknown."""
    found = read({"appId": 11599, "id": "c1", "activityClass": given}).document
    assert found["eventTypeName"] == f"EVENT_CATEGORY_{expected}"
    assert found["collected"]["normalised"]["activityClass"] == given
    named = read({"appId": 11599, "id": "c1", "activityClass": given, "rawOperation": "x"}).document
    assert named["eventTypeName"] == "EVENT_CATEGORY_UNSPECIFIED"


def test_activities_of_the_shared_detection_cases_are_taken(shared: Path) -> None:
    """They are normalised and enriched, and have a class instead of an operation."""
    files = [each for each in (shared / "samples" / "detections").glob("*.jsonl") if each.name != "cases.jsonl"]
    found = [
        read(json.loads(line)).document for each in files for line in each.read_text(encoding="utf-8").splitlines()
    ]
    assert len({each["eventTypeName"] for each in found}) > 10
    assert {each["location"]["categoryValue"] for each in found} >= {"NONE", "RISKY"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (wire(), False),
        ({}, False),
        ({"appId": 1, "timestamp": 1, "eventTypeName": "EVENT_CATEGORY_LOGIN", "uid": "x"}, False),
        ({"appId": 1, "user": {"userName": "ana"}, "userAgent": {}}, False),
        ({"device": {}, "ip": "192.0.2.1"}, False),
        ({"app": "box"}, True),
        ({"rawOperation": "x", "_id": "y"}, True),
        ({"appId": 1, "userAgent": "curl/8"}, True),
        *(
            ({"appId": 1, name: None}, True)
            for name in ("id", "ip", "userId", "isSuccess", "isAdmin", "objects", "raw")
        ),
    ],
)
def test_the_form_is_told_by_its_own_keys(given: dict[str, Any], expected: bool) -> None:
    """No wire record has these keys."""
    assert is_normalised(given) is expected


@pytest.mark.parametrize("given", [{"appId": "box"}, {}, {"app": 7, "rawOperation": "x"}, {"rawOperation": []}])
def test_what_is_wrong_is_named(given: dict[str, Any]) -> None:
    """Readers raise the error that deliveries count as rejected."""
    with pytest.raises(Invalid, match="is not valid"):
        read(given)


def test_an_entity_is_read() -> None:
    """A flat record becomes a wire record with its columns."""
    found = entities(TENANT, NOW)({"id": "ana@example.org", "appId": 11161, "status": "active"})
    assert found.record_id == found.document["_id"]
    assert (found.columns["saas_id"], found.columns["status"], found.columns["domain"]) == (11161, 2, "example.org")
    with pytest.raises(Invalid):
        entities(TENANT, NOW)({})


def test_a_file_is_read() -> None:
    """A flat record becomes a wire record with its columns."""
    found = files(TENANT, NOW)({"id": "f1", "appId": 10489, "name": "Plan.xlsx"})
    assert found.record_id == found.document["_id"]
    assert (found.columns["name"], found.columns["extension"], found.columns["app_id"]) == ("plan.xlsx", "xlsx", 10489)
    with pytest.raises(Invalid):
        files(TENANT, NOW)({})


def test_own_domains_tell_who_is_external() -> None:
    """They decide only if the record does not state it, and not for programs."""
    read_entity = entities(TENANT, NOW, {"example.org"})

    def external(**given: Any) -> Any:
        return read_entity({"appId": 11161, **given}).document["isExternal"]

    assert external(id="ana@example.org") is False
    assert external(id="7", email="eve@else.example") is True
    assert external(id="eve@else.example", isExternal=False) is False
    assert external(id="7") is None
    assert external(id="bot@else.example", idType="application") is None
    assert entities(TENANT, NOW)({"id": "a@else.example", "appId": 1}).document["isExternal"] is None
