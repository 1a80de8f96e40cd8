"""Conversion of delivered entities to wire records."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from opencasb.activities.entity_columns import record
from opencasb.activities.entity_wire import account_item, entities_from
from opencasb.activities.invalid import Invalid
from opencasb.model.durations import DAY
from opencasb.model.iso_time import iso
from tests.activities.anything import damaged
from tests.activities.entity_example import FLAT, GUID, TENANT
from tests.conftest import NOW

KEYS = {
    *("type", "status", "displayName", "id", "_id", "ii", "username", "email", "domain", "organization", "role"),
    *(
        "isAdmin",
        "isExternal",
        "isFake",
        "lastSeen",
        "sid",
        "identifiers",
        "userGroups",
        "appData",
        "subApps",
        "idType",
    ),
    *("threatScore", "scoreTrends", "threatScoreHistory", "sctime", "actions", "accounts", "timestamp"),
}


def made(**changes: Any) -> dict[str, Any]:
    """Return the wire record of an entity."""
    return entities_from({"id": "x", "appId": 1, **changes}, TENANT, NOW)


def test_a_flat_record_becomes_a_wire_record() -> None:
    """Every documented key is present, and ids are in the form that apps compare (api §9.2)."""
    ana = entities_from(FLAT, TENANT, NOW)
    assert ana.keys() >= KEYS
    assert (ana["id"], ana["email"], ana["domain"]) == (GUID, "ana@example.org", "example.org")
    assert (ana["type"], ana["status"], ana["idType"], ana["isAdmin"]) == (1, 3, 1, True)
    assert ana["ii"] == f"11161|0|{GUID}"
    assert json.loads(ana["username"]) == {"id": GUID, "saas": 11161, "inst": 0}
    assert ana["subApps"] == [15600, 20893, 28375]
    assert ana["lastSeen"] == "2025-11-20T11:00:00.000Z"
    assert [(group["id"], group["name"]) for group in ana["userGroups"]] == [("g-1", "g-1"), ("g-2", "Two")]
    assert ana["identifiers"] == ["a.silva@example.org"]


def test_a_wire_record_stays_as_it_is() -> None:
    """Completing twice changes nothing, even for users with accounts; ``_id`` is derived from the entity."""
    ana = entities_from(FLAT, TENANT, NOW)
    assert entities_from(ana, TENANT, NOW + 5) == ana
    assert entities_from({**ana, "_id": "f" * 24}, TENANT, NOW) == ana
    assert entities_from(ana, TENANT + 1, NOW)["_id"] != ana["_id"]
    user = entities_from({**FLAT, "type": "user", "accounts": [account_item(ana, ana)]}, TENANT, NOW)
    assert user["_id"] != ana["_id"]
    assert user["accounts"] == [account_item(ana, user)]
    assert entities_from(user, TENANT, NOW + 5) == user


def test_accounts_of_an_export_keep_when_and_where_they_were_seen() -> None:
    """The upstream product has them under short keys, or next to the app, and parts of a suite by number."""
    seen = {"ls": "2025-11-20T11:00:00Z", "sub": {"15600": "2025-11-20T10:00:00Z", "28375": None, "odd": 1}}
    beside = {"saas": 12260, "appData": {"appId": 12260, "lastSeen": "2025-11-20T09:00:00Z"}, "sub": {}}
    accounts = [{"i": GUID, "saas": 11161, **seen}, {"i": GUID, **beside}]
    items = made(type="user", id=GUID, accounts=accounts)["accounts"]
    assert [(item["lastSeen"], item["sublst"]) for item in items] == [
        ("2025-11-20T11:00:00.000Z", [15600, 28375]),
        ("2025-11-20T09:00:00.000Z", []),
    ]
    assert made(sub=["odd"])["subApps"] == []


def test_no_two_keys_differ_in_case_only() -> None:
    """Also inside what is kept as it came: some clients cannot parse such objects (api §18, 17)."""
    found = made(scoreTrends={"20240610": {"score": 1, "Score": 2}}, actions=[{"type": "user", "Type": "x"}])
    assert (found["scoreTrends"], found["actions"]) == ({"20240610": {"score": 1}}, [{"type": "user"}])


def test_nobody_is_seen_or_scanned_in_the_future() -> None:
    """The time of arrival counts instead, or activities would not change the entity until then (detections §1)."""
    far = NOW + DAY
    ana = made(lastSeen=far, sctime=far, statusTime=far, roleTime=far)
    assert (ana["lastSeen"], ana["timestamp"], ana["sctime"]) == (iso(NOW), NOW, NOW)
    assert (ana["statusTime"], ana["roleTime"]) == (NOW, NOW)


def test_what_nobody_said_is_unknown() -> None:
    """Null, empty or 0, never a guess; except for a guest's mark, and an id that is an address."""
    plain = made()
    assert (plain["isExternal"], plain["email"], plain["domain"], plain["status"]) == (None, None, "", 0)
    assert (plain["lastSeen"], plain["timestamp"], plain["sctime"]) == (None, NOW, NOW)
    assert plain["displayName"] == "x"
    guest = made(id="ana_example.org#EXT#@contoso.example")
    assert (guest["isExternal"], guest["email"], guest["domain"]) == (True, "ana@example.org", "example.org")
    assert [group["name"] for group in guest["userGroups"]] == ["External users"]
    assert made(id="Ana@Example.org")["email"] == "ana@example.org"
    robot = made(idType="application")
    assert [group["name"] for group in robot["userGroups"]] == ["Application (Cloud App Security)"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": None}, "id: null is not valid; text of at most 400 characters is expected"),
        ({"id": "x" * 401}, "id: "),
        ({"appId": None}, "appId: null is not valid; the number of an app is expected"),
        ({"appId": None, "app": "nonsense"}, "app: nonsense is not valid; allowed: office365"),
        ({"appId": "x"}, "appId: x is not valid; a whole number"),
        ({"type": 3}, "type: 3 is not valid; allowed: 1 account, 2 user"),
        ({"status": "gone"}, "status: gone is not valid; allowed: 0 n/a"),
        ({"email": "nobody"}, "email: nobody is not valid; an e-mail address is expected"),
        ({"lastSeen": "soon"}, "lastSeen: soon is not valid"),
        ({"isAdmin": "maybe"}, "isAdmin: maybe is not valid; true or false is expected"),
        ({"groups": [{}]}, "groups: an object is not valid; ids of groups"),
        ({"type": 2, "accounts": ["x"]}, "accounts: x is not valid"),
        ({"type": 2, "accounts": [{"i": "x"}]}, "appId: null is not valid"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    """The error has field, value and what is allowed."""
    with pytest.raises(Invalid) as caught:
        made(**changes)
    assert str(caught.value).startswith(said)


def test_what_is_long_loses_no_entity() -> None:
    """Display texts are cut, and a thousand groups are kept."""
    group = {"id": "g", "name": "n" * 999, "description": "d" * 5000}
    long = made(displayName="x" * 999, organization="o" * 2000, groups=[group, *map(str, range(1500))])
    assert (len(long["displayName"]), len(long["organization"]), len(long["userGroups"])) == (256, 1000, 1000)
    assert [len(long["userGroups"][0][name]) for name in ("name", "description")] == [256, 1000]


@given(damaged(FLAT) | damaged(entities_from({**FLAT, "type": "user", "accounts": [FLAT]}, TENANT, NOW)))
def test_any_record_is_taken_or_refused(flat: dict[str, Any]) -> None:
    """An accepted record is complete and can be stored."""
    try:
        whole = entities_from(flat, TENANT, NOW)
    except Invalid:
        return
    assert whole.keys() >= KEYS
    assert record(whole).record_id == whole["_id"]
