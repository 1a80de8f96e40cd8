"""Activities in wire form, as in exports."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given

from opencasb.activities.columns import to_record
from opencasb.activities.invalid import Invalid
from opencasb.activities.wire import complete
from tests.activities.anything import damaged, json_values
from tests.activities.example import TENANT, wire
from tests.activities.required import check
from tests.conftest import NOW


def test_what_is_there_stays() -> None:
    """Unknown keys, other spellings and odd values of unfiltered fields are kept; the tenant is set."""
    given_record = wire(
        tenantId=99, aadTenantId="7d0c", collected={"aadLogins": {}}, rawDataJson={"A": 1, "a": 2}, lograbberService=[1]
    )
    found = complete(given_record, TENANT, NOW)
    assert {name: found[name] for name in given_record if name != "tenantId"} == {
        name: value for name, value in given_record.items() if name != "tenantId"
    }
    assert found["tenantId"] == TENANT


def test_no_two_keys_of_an_object_are_equal_up_to_case() -> None:
    """The key known to clients is kept, else the first; only the app's raw event may have such keys (api §7.4)."""
    raw = {"A": {"b": 1, "B": 2}, "a": [{"c": 1, "C": 2}]}
    found = complete(
        wire(
            APPNAME="x",
            TenantID=5,
            Severity="low",
            severity="INFO",
            Own=1,
            own=2,
            OWN=3,
            user={"username": "eve", "userName": "ana", "USERTAGS": ["x"]},
            location={"City": "Porto"},
            collected={"Box": {"Id": 1, "id": 2}, "box": 3},
            mainInfo={"eventObjects": [{"ID": "x", "id": "F1", "Name": "only"}]},
            rawDataJson=raw,
        ),
        TENANT,
        NOW,
    )
    assert found.keys() & {"APPNAME", "TenantID", "Severity", "own", "OWN"} == set()
    assert (found["appName"], found["severity"], found["Own"]) == ("Microsoft Exchange Online", "INFO", 1)
    assert found["user"] == {"userName": "ana", "userTags": []}
    assert "City" not in found["location"]
    assert found["collected"] == {"Box": {"id": 2}}
    assert found["mainInfo"] == {"eventObjects": [{"id": "F1", "Name": "only"}]}
    assert found["rawDataJson"] == raw
    check(found)


def test_what_is_missing_is_filled() -> None:
    """An app is enough: all fields that clients index are added, and the time is that of arrival."""
    found = complete({"appId": 20893}, TENANT, NOW)
    check(found)
    assert (found["appName"], found["saasId"], found["timestamp"], found["confidenceLevel"]) == (
        "Microsoft Exchange Online",
        11161,
        NOW,
        20,
    )
    assert (found["eventTypeName"], found["description"]) == ("EVENT_CATEGORY_UNSPECIFIED", "Unspecified")
    assert found["_id"] == complete({"appId": 20893}, TENANT, NOW + 5)["_id"]
    assert complete({"appId": 77}, TENANT, NOW)["appName"] == "77"


def test_a_failed_sign_in_has_the_name_that_was_tried() -> None:
    """It is used if nothing else names the user, as in exports, so that filters by name and domain match."""
    tried: dict[str, Any] = {"failedUserData": {"userName": "eve@example.net"}}
    found = complete(wire(user={"userTags": ["x"]}, **tried), TENANT, NOW)
    assert found["user"] == {"userTags": ["x"], "userName": "eve@example.net"}
    columns = to_record(found).columns
    assert (columns["user_name"], columns["user_domain"]) == ("eve@example.net", "example.net")
    assert complete(wire(user={"userName": "ana"}, **tried), TENANT, NOW)["user"]["userName"] == "ana"
    assert complete(wire(user=None, failedUserData=["odd"]), TENANT, NOW)["user"]["userName"] == ""


def test_an_unknown_country_is_none() -> None:
    """Exports write it as two hyphens, which is no value for filters; the location may be looked up."""
    found = complete(wire(device={"countryCode": "--"}, location={"countryCode": "--"}), TENANT, NOW)
    assert (found["device"]["countryCode"], found["location"]["countryCode"]) == ("", "")
    assert to_record(found).columns["country"] is None


def test_a_time_in_the_future_is_that_of_arrival() -> None:
    """The time as given stays in ``timestampRaw``, and decides the id (detections §1)."""
    far = NOW + 86_400_000
    found = complete(wire(timestamp=far, _id=None, uid=None), TENANT, NOW)
    assert (found["timestamp"], found["timestampRaw"]) == (NOW, far)
    assert f"_{far}_" in found["_id"]


def test_null_counts_as_missing() -> None:
    found = complete(
        wire(user={"userName": None}, device=None, location={"city": None, "countryCode": "PT"}), TENANT, NOW
    )
    check(found)
    assert found["location"]["countryCode"] == "PT"


def test_numbers_may_be_texts() -> None:
    """Exports through tables have strings; clients still get numbers."""
    key = {"id": "u-1", "saas": "11161", "inst": "0"}
    found = complete(
        wire(
            appId="20893",
            timestamp=str(NOW),
            eventType="2293761",
            location={"category": "1"},
            entityData={"2": {"displayName": "Ana", "id": key}},
        ),
        TENANT,
        NOW,
    )
    assert (found["appId"], found["timestamp"], found["eventType"], found["location"]["category"]) == (
        *(20893, NOW, 2293761),
        1,
    )
    assert found["entityData"]["2"]["id"] == {"id": "u-1", "saas": 11161, "inst": 0}


def test_null_is_no_element_of_a_list() -> None:
    """Clients would index it."""
    main = {"eventObjects": [None, {"id": "F1"}], "type": "basic"}
    found = complete(wire(internals={"otherIPs": [None, "192.0.2.1"]}, mainInfo=main), TENANT, NOW)
    assert found["internals"]["otherIPs"] == ["192.0.2.1"]
    assert found["mainInfo"] == {"eventObjects": [{"id": "F1"}], "type": "basic"}


def test_null_is_an_empty_list_of_objects() -> None:
    """Clients go through the objects without checking."""
    assert complete(wire(mainInfo={"eventObjects": None}), TENANT, NOW)["mainInfo"] == {"eventObjects": []}
    assert complete(wire(mainInfo={"type": "basic"}), TENANT, NOW)["mainInfo"] == {"type": "basic"}


def test_entity_data_may_be_a_list() -> None:
    """One client's test data have it as a list."""
    entity = {"displayName": "Ana", "id": {"id": "ana", "saas": 1, "inst": 0}, "resolved": True}
    user = {"displayName": "Ana", "id": {"id": "u-1", "saas": 11161, "inst": 0}}
    found = complete(wire(entityData=[entity, None]), TENANT, NOW)
    assert found["entityData"] == {"0": entity, "1": None, "2": None}
    for given_ in ([entity, user], [entity, None, user]):
        found = complete(wire(entityData=given_), TENANT, NOW)
        assert found["entityData"] == {"0": entity, "1": None, "2": user}


def test_an_id_is_taken_from_the_record_or_made() -> None:
    assert complete(wire(_id=None, uid="x-1"), TENANT, NOW)["_id"] == "x-1"
    assert complete(wire(_id="x-2", uid=None), TENANT, NOW)["uid"] == "x-2"
    made = complete(wire(_id=None, uid=None), TENANT, NOW)["_id"]
    assert made.startswith(f"{TENANT}_{NOW - 1000}_")
    assert made == complete(wire(_id=None, uid=None, tenantId=5, created=NOW + 9), TENANT, NOW)["_id"]


def test_whether_an_activity_is_administrative_may_be_text() -> None:
    """It is stored as a boolean, which filters compare."""
    found = complete(wire(eventRouting={"auditing": True, "adminEvent": "true"}), TENANT, NOW)
    assert found["eventRouting"] == {"auditing": True, "adminEvent": True}
    assert to_record(found).columns["is_admin"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"appId": None}, "appId"),
        ({"appId": "mail"}, "appId"),
        ({"timestamp": "2024-06-10"}, "timestamp"),
        ({"timestamp": -1}, "timestamp"),
        ({"created": True}, "created"),
        ({"_id": 5}, "_id"),
        ({"_id": ""}, "_id"),
        ({"appName": 5}, "appName"),
        ({"eventTypeName": 5}, "eventTypeName"),
        ({"eventTypeValue": []}, "eventTypeValue"),
        ({"eventType": "login"}, "eventType"),
        ({"description": {}}, "description"),
        ({"source": "connector"}, "source"),
        ({"eventRouting": []}, "eventRouting"),
        ({"eventRouting": {"adminEvent": "yes"}}, "eventRouting.adminEvent"),
        ({"user": "ana"}, "user"),
        ({"user": {"userName": 5}}, "user.userName"),
        ({"user": {"userTags": "x"}}, "user.userTags"),
        ({"device": {"clientIP": 5}}, "device.clientIP"),
        ({"userAgent": {"tags": [5]}}, "userAgent.tags[0]"),
        ({"userAgent": {"deviceType": 5}}, "userAgent.deviceType"),
        ({"location": {"category": "x"}}, "location.category"),
        ({"location": {"city": []}}, "location.city"),
        ({"location": {"organizationSearchable": 5}}, "location.organizationSearchable"),
        ({"internals": {"otherIPs": "192.0.2.1"}}, "internals.otherIPs"),
        ({"entityData": "ana"}, "entityData"),
        ({"entityData": {"0": "ana"}}, "entityData.0"),
        ({"entityData": {"0": {"id": {"saas": "x"}}}}, "entityData.0.id.saas"),
        ({"mainInfo": []}, "mainInfo"),
        ({"mainInfo": {"eventObjects": {}}}, "mainInfo.eventObjects"),
        ({"mainInfo": {"eventObjects": [{"id": []}]}}, "mainInfo.eventObjects[0].id"),
        ({"resolvedActor": {"id": {}}}, "resolvedActor.id"),
    ],
)
def test_a_wrong_type_of_what_clients_index_or_filters_compare_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as error:
        complete(wire(**changes), TENANT, NOW)
    assert error.value.field == field
    assert error.value.allowed


@given(damaged(wire()))
def test_a_damaged_record_is_completed_or_named(record: dict[str, Any]) -> None:
    """Only Invalid is raised; an accepted record can be stored, and completing it again changes nothing."""
    try:
        found = complete(record, TENANT, NOW)
    except Invalid:
        return
    check(found)
    assert msgspec.json.decode(msgspec.json.encode(found)) == found
    assert complete(found, TENANT, NOW + 5) == found
    assert to_record(found).record_id == found["_id"]


@given(json_values)
def test_anything_is_completed_or_named(record: Any) -> None:
    with suppress(Invalid):
        check(complete(record, TENANT, NOW))
