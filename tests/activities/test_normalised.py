"""Conversion of normalised records to the API's activities."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from opencasb.activities.columns import to_record
from opencasb.activities.invalid import Invalid
from opencasb.activities.normalised import to_wire
from opencasb.activities.own_domains import with_tag
from opencasb.activities.wire import complete
from opencasb.model.durations import MINUTE
from opencasb.model.iso_time import LATEST
from opencasb.store.user_groups import APPLICATIONS, EXTERNAL_USERS
from tests.activities.anything import damaged, json_values
from tests.activities.normalised_example import FIREFOX, normalised
from tests.activities.required import check, colliding
from tests.conftest import NOW

TENANT = 81_000_001


def wire(**changes: Any) -> dict[str, Any]:
    """Return the example with changes in wire form."""
    return to_wire(normalised(**changes), TENANT, NOW)


def test_a_whole_activity() -> None:
    """Every value is in its place (connectors §2, api §7.4)."""
    found = wire(failureClass="policy", isExternal=True, isInteractive=True, deviceId="d-1", deviceType="TABLET")
    assert {name: found[name] for name in ("tenantId", "appId", "saasId", "srcAppId", "appName")} == {
        "tenantId": TENANT,
        "appId": 15600,
        "saasId": 11161,
        "srcAppId": 11161,
        "appName": "Microsoft OneDrive for Business",
    }
    assert (found["timestamp"], found["timestampRaw"], found["created"], found["instantiation"]) == (
        NOW - 1000,
        NOW - 1000,
        NOW,
        NOW,
    )
    assert (found["eventTypeName"], found["eventTypeValue"]) == (
        "EVENT_CATEGORY_DOWNLOAD_FILE",
        "EVENT_O365_ONEDRIVE_GENERIC",
    )
    assert (found["severity"], found["confidenceLevel"], found["source"], found["classifications"]) == (
        "INFO",
        30,
        2,
        ["access"],
    )
    assert found["user"] == {"userName": "ana@example.org", "userTags": [EXTERNAL_USERS]}
    assert found["device"] == {"clientIP": "192.0.2.10", "userAgent": FIREFOX, "countryCode": ""}
    assert found["internals"] == {"otherIPs": ["192.0.2.10"]}
    assert found["userAgent"]["deviceType"] == "TABLET"
    assert found["session"] == {"sessionId": "s-1"}
    assert found["rawDataJson"] == {"Operation": "FileDownloaded", "operation": 1}
    assert found["collected"]["normalised"] == {
        "activityClass": "download",
        "actorType": "Regular",
        "isExternal": True,
        "isImpersonated": False,
        "isInteractive": True,
        "failureClass": "policy",
        "deviceId": "d-1",
    }


def test_people_are_named_twice() -> None:
    """``entityData`` has the account by name and the user by id, both in the parent app."""
    found = wire(instanceId=3)["entityData"]
    assert found["0"]["id"] == {"id": "ana@example.org", "saas": 11161, "inst": 3}
    assert found["1"] is None
    assert found["2"]["id"] == {"id": "3b0f4c3e-0000-4000-8000-0000000000aa", "saas": 11161, "inst": 3}
    nobody = wire(user=None, userId=None)
    assert nobody["entityData"] == {"0": None, "1": None, "2": None}
    assert "resolvedActor" not in nobody


@pytest.mark.parametrize(
    ("category", "kind", "generic", "classifications"),
    [
        ("LOGIN", "login", "LOGIN", ["access"]),
        ("SSO_LOGIN", "login", "LOGIN", ["access"]),
        ("FAILED_LOGIN", "failedLogin", "FAILED_LOGIN", ["access"]),
        ("DELETE_FILE", "basic", "BASIC", []),
        ("ACCESS_FILE", "basic", "BASIC", ["access"]),
    ],
)
def test_the_category_decides_type_and_classifications(
    category: str, kind: str, generic: str, classifications: list[str]
) -> None:
    found = wire(eventTypeName=f"EVENT_CATEGORY_{category}")
    assert found["mainInfo"]["type"] == kind
    assert found["genericEventType"] == f"ENUM_ACTIVITY_GENERIC_TYPE_{generic}"
    assert found["classifications"] == classifications


def test_a_failed_sign_in_says_who_tried() -> None:
    found = wire(eventTypeName="EVENT_CATEGORY_FAILED_LOGIN", failureReason="wrong password")
    assert found["failedUserData"] == {"userName": "ana@example.org"}
    assert found["mainInfo"]["activityResult"] == {"isSuccess": False, "message": "wrong password"}
    assert found["eventType"] == 2293761


@pytest.mark.parametrize("timestamp", [None, "soon", "2020-02-30"])
def test_without_a_time_it_is_that_of_arrival(timestamp: str | None) -> None:
    """The time of arrival is a guess and no part of the id, so a repeated delivery is the same activity."""
    found = wire(timestamp=timestamp)
    assert (found["timestamp"], found["confidenceLevel"]) == (NOW, 20)
    later = to_wire(normalised(timestamp=timestamp), TENANT, NOW + 60_000)
    assert found["_id"] == later["_id"]


def test_a_time_in_the_future_is_that_of_arrival() -> None:
    """A clock may be ten minutes fast; the id does not depend on the arrival (detections §1)."""
    fast, far = NOW + 10 * MINUTE, NOW + 10 * MINUTE + 1
    assert [wire(timestamp=fast)[name] for name in ("timestamp", "timestampRaw")] == [fast, fast]
    assert [wire(timestamp=far)[name] for name in ("timestamp", "timestampRaw")] == [NOW, far]
    assert to_wire(normalised(timestamp=far), TENANT, NOW + 5)["_id"] == wire(timestamp=far)["_id"]


@pytest.mark.parametrize("blank", ["", " "])
def test_blank_text_counts_as_absent(blank: str) -> None:
    """So does null; both are how programs write what an event does not have."""
    names = (
        "id created appId saasId instanceId eventTypeName activityClass description user userId actorType isExternal ip"
        " country city isp ipCategory ipTags userAgent deviceType deviceId sessionId isSuccess failureReason"
        " failureCode failureClass isInteractive isAdmin isImpersonated region sharing objects raw"
    )
    bare = {"app": "okta", "rawOperation": "user.session.start", "timestamp": NOW}
    found, expected = to_wire({**bare, **dict.fromkeys(names.split(), blank)}, TENANT, NOW), to_wire(bare, TENANT, NOW)
    assert {**found, "_id": 0, "uid": 0} == {**expected, "_id": 0, "uid": 0}
    file = {"type": blank, "id": "F1", "name": blank, "value": blank, "role": blank}
    (made,) = wire(user=None, userId=None, objects=[file])["mainInfo"]["eventObjects"]
    assert (made["serviceObjectType"], made["name"], made["value"], made["role"]) == ("object", "", None, 3)


def test_ids() -> None:
    """The record's own id, or one derived from its content: equal for a repeated delivery, different for others."""
    assert wire(id="81000001_15600_abc")["_id"] == wire(id="81000001_15600_abc")["uid"] == "81000001_15600_abc"
    made = wire()["_id"]
    assert re.fullmatch(rf"{TENANT}_{NOW - 1000}_[0-9a-f]{{32}}", made)
    assert made == wire(created=NOW + 5)["_id"]
    assert made == to_wire(dict(reversed(normalised().items())), TENANT, NOW + 5)["_id"]
    assert made != wire(rawOperation="FileDownloadedAgain")["_id"]
    assert to_wire(normalised(), 1, NOW)["_id"] != made


def test_the_store_finds_what_was_given() -> None:
    """Filter columns have the record's values."""
    stored = to_record(wire(isAdmin=True, isImpersonated=True))
    assert stored.columns["full_action_type"] == "15600:EVENT_O365_ONEDRIVE_GENERIC:FileDownloaded"
    assert (stored.columns["is_admin"], stored.columns["is_impersonated"]) == (True, True)
    assert stored.columns["user_name"] == "ana@example.org"
    assert list(stored.values["files"]) == ["F1"]
    assert "ana@example.org|0|11161" in stored.values["entities"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"eventTypeName": "EVENT_CATEGORY_SEND_MESSAGE_USING_SEND_AS_PERMISSIONS"}, True),
        ({"activityClass": "impersonation"}, True),
        ({"activityClass": "impersonation", "isImpersonated": False}, False),
        ({"isImpersonated": True, "description": "Send (impersonated): message 5"}, True),
        ({}, False),
    ],
)
def test_the_filter_finds_what_was_done_for_somebody_else(changes: dict[str, Any], expected: object) -> None:
    """What is impersonation by its class is impersonated unless the record says otherwise (connectors §3.8, §4)."""
    assert to_record(wire(**changes)).columns["is_impersonated"] is expected


def test_a_program_is_in_the_group_of_applications() -> None:
    """By its stated type or its name; its domain does not make it external."""
    program = wire(actorType="Application", user="sync@project.iam.example")
    assert with_tag(program, {"example.org"})["user"]["userTags"] == [APPLICATIONS]
    assert wire(actorType=None, user="app@sharepoint")["user"]["userTags"] == [APPLICATIONS]
    assert wire()["user"]["userTags"] == []


def test_it_is_complete() -> None:
    """Reading it again as a wire record does not change it."""
    found = wire()
    check(found)
    assert complete(found, TENANT, NOW + 5) == found


def test_the_shared_records(shared: Path) -> None:
    """The connectors' output for the real samples is accepted, and its values are unchanged."""
    paths = sorted((shared / "samples" / "activities").glob("*/expected.jsonl"))
    rows = [(path, json.loads(line)) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) > 70
    for path, row in rows:
        record = {"app": path.parent.name, "appId": 990_001, "rawOperation": "operation", **row["expect"]}
        found = to_wire(record, TENANT, NOW)
        check(found)
        stored = to_record(found)
        assert found["mainInfo"]["rawOperationName"] == record["rawOperation"]
        assert found["eventTypeName"] == record.get("eventTypeName", found["eventTypeName"])
        assert found["user"]["userName"] == (record.get("user") or "")
        assert found["device"]["clientIP"] == (record.get("ip") or "")
        assert found["mainInfo"]["activityResult"]["isSuccess"] == record.get(
            "isSuccess", "FAILED" not in found["eventTypeName"]
        )
        assert stored.columns["is_admin"] == record.get("isAdmin", False)


def test_the_time_of_storing_has_a_year_of_four_digits() -> None:
    """Later times cannot be written in ISO 8601."""
    assert wire(created=LATEST)["created"] == LATEST
    with pytest.raises(Invalid, match="created"):
        wire(created=LATEST + 1)


@given(damaged(normalised()))
def test_a_damaged_record_is_taken_or_named(record: dict[str, Any]) -> None:
    """Only Invalid is raised; an accepted record is complete, can be stored, and its keys do not collide."""
    try:
        found = to_wire(record, TENANT, NOW)
    except Invalid:
        return
    check(found)
    assert not colliding({name: value for name, value in found.items() if name != "rawDataJson"})
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
    assert to_record(found).record_id == found["_id"]


@given(json_values)
def test_anything_is_taken_or_named(record: Any) -> None:
    with suppress(Invalid):
        check(to_wire(record, TENANT, NOW))
