"""Filter columns of wire activities."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.columns import MOST_VALUES, to_record
from opencasb.store.activities import ACTIVITIES, LONGEST_SEARCHED
from tests.activities.example import wire
from tests.conftest import NOW

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "0", "name"]), inner),
    max_leaves=5,
)


def columns(**changes: Any) -> dict[str, Any]:
    """Return the columns of the example with changes."""
    return dict(to_record(wire(**changes)).columns)


def values(**changes: Any) -> dict[str, list[str]]:
    """Return the multi-valued fields of the example with changes."""
    return {name: list(found) for name, found in to_record(wire(**changes)).values.items()}


def test_the_columns_of_an_activity() -> None:
    """Each filter finds its value; case-insensitive fields are in lower case (api §7.5)."""
    found = columns()
    assert len(found.pop("search_text")) > 0
    assert found == {
        "timestamp": NOW - 1000,
        "created": NOW,
        "app_id": 20893,
        "saas_id": 11161,
        "instance_id": 0,
        "event_type": "EVENT_CATEGORY_FAILED_LOGIN",
        "event_action_type": "EVENT_AAD_LOGIN_FAILED",
        "action_type": "UserLoginFailed",
        "full_action_type": "20893:EVENT_AAD_LOGIN_FAILED:UserLoginFailed",
        "is_admin": False,
        "is_impersonated": False,
        "taken_action": None,
        "device_type": "DESKTOP",
        "user_agent": "mozilla/5.0 firefox/126.0",
        "country": "pt",
        "isp": "example telecom",
        "ip_category": 1,
        "source": 2,
        "stream_id": None,
        "user_name": "ana@example.org",
        "user_domain": "example.org",
        "org_unit": None,
    }
    stored = {column.name for column in ACTIVITIES.table.c} - {"tenant_id", "record_id", "seq", "document"}
    assert stored == found.keys() | {"search_text"}


def test_the_many_valued_fields_of_an_activity() -> None:
    """IP addresses have comparison keys; entities have id, instance and app (api §6.4, §6.6)."""
    assert values() == {
        "ips": ["192.0.2.10", "2001:db8::1"],
        "ip_keys": ["00000000000000000000ffffc000020a", "20010db8000000000000000000000001"],
        "ip_tags": ["000000290000000000000000"],
        "device_tags": [],
        "user_agent_tags": ["0000002c0000000000000000"],
        "user_tags": ["000000200000000000000000"],
        "object_tags": ["tag"],
        "entities": ["ana@example.org|0|11161", "3b0f4c3e-0000-4000-8000-0000000000aa|0|11161"],
        "objects": ["ana@example.org", "site|F1"],
        "files": ["site|F1"],
        "file_labels": ["secret"],
        "urls": ["https://files.example/plan.xlsx"],
        "alerts": [],
        "policies": [],
        "azure_subscriptions": [],
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"saasId": None}, {"saas_id": 11161}),
        ({"saasId": 20893}, {"saas_id": 11161}),  # as upstream writes it for a part of Office 365
        ({"appId": 77, "saasId": None}, {"saas_id": 77}),
        ({"appId": 77, "saasId": 78}, {"saas_id": 78}),
        ({"appId": "20893"}, {"app_id": 20893}),
        ({"eventRouting": {"adminEvent": True}}, {"is_admin": True}),
        ({"description": "Send <b>message</b> (Impersonated)."}, {"is_impersonated": True}),
        ({"eventTypeName": "EVENT_CATEGORY_IMPERSONATE_LOGIN"}, {"is_impersonated": True}),
        ({"user": {"userName": "root"}}, {"user_name": "root", "user_domain": None}),
        ({"user": {"userName": "Eve_else.example#EXT#@contoso.example"}}, {"user_domain": "else.example"}),
        ({"user": {"userName": "ana@", "orgUnit": "/Sales"}}, {"user_domain": None, "org_unit": "/sales"}),
        ({"user": None}, {"user_name": None}),
        ({"eventTypeValue": ""}, {"full_action_type": None}),
        ({"location": {"countryCode": "", "category": 2**70}}, {"country": None, "ip_category": 0}),
        ({"userAgent": {"deviceType": "mobile"}}, {"device_type": "MOBILE"}),
        ({"takenAction": "block", "streamId": "a" * 24}, {"taken_action": "block", "stream_id": "a" * 24}),
        ({"entityData": {"0": {"id": {"id": "a", "inst": 7, "saas": 1}}}}, {"instance_id": 7}),
        ({"entityData": [None, {"id": {"id": "a", "inst": "8"}}]}, {"instance_id": 8}),
    ],
)
def test_columns_by_the_form_of_the_record(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    """Missing values, other spellings and wrong types."""
    found = columns(**changes)
    assert {name: found[name] for name in expected} == expected


def test_the_groups_of_an_actors_own_accounts_are_not_those_of_an_object() -> None:
    """Exports list the actor's accounts as related, in role 5; filters tell the roles apart (api §7.5)."""
    related = [
        {"objType": 23, "role": 5, "id": name, "tags": [name]} for name in ("ana@example.org", "ben@example.org")
    ]
    assert values(mainInfo={"eventObjects": related})["object_tags"] == ["ben@example.org"]


def test_files_are_told_from_other_objects() -> None:
    """The type stated by the app decides, if any."""
    kinds = {"a": "OneDrive File", "b": "Site", "c": "", "d": "Folder"}
    objects = [{"objType": "1", "id": each, "serviceObjectType": kind} for each, kind in kinds.items()]
    assert values(mainInfo={"eventObjects": [*objects, {"objType": 6, "id": "e"}]})["files"] == ["a", "c", "d"]


def test_links_come_from_alerts_and_resources() -> None:
    """Closing an alert belongs to that alert; a resource's path contains its subscription."""
    subscription = "0B7A0000-0000-4000-8000-000000000001"
    objects = [{"objType": 1, "id": f"/subscriptions/{subscription}/resourceGroups/x"}]
    found = values(adallom={"alertMongoId": "f" * 24}, mainInfo={"eventObjects": objects})
    assert found["alerts"] == ["f" * 24]
    assert found["azure_subscriptions"] == [subscription.lower()]


def test_the_text_to_search_has_every_searchable_field() -> None:
    """It is in lower case, one line each, without bold markup (api §6.5)."""
    text = columns()["search_text"]
    for part in ("failed log on (failure", "ana silva", "microsoft exchange online", "plan.xlsx", "192.0.2.10"):
        assert part in text
    for part in ("porto", "\npt\n", "example telecom", "firefox/126.0", "site|f1", "ana@example.org"):
        assert part in text
    assert "<b>" not in text
    assert len(columns(description="x" * LONGEST_SEARCHED * 2)["search_text"]) == LONGEST_SEARCHED


def test_a_field_has_a_bounded_number_of_values() -> None:
    """A single record cannot fill the store."""
    objects = [{"objType": 1, "id": f"file{number}"} for number in range(MOST_VALUES * 3)]
    found = values(mainInfo={"eventObjects": objects})
    assert len(found["files"]) == len(found["objects"]) == MOST_VALUES


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"_id": ""}, "_id:  is not valid; allowed: 1 to 200 printable characters"),
        ({"_id": "a\0b"}, "_id: "),
        ({"_id": 7}, "_id: 7 is not valid"),
        ({"_id": "x" * 201}, "_id: xxx"),
        ({"timestamp": None}, "timestamp: null is not valid; a whole number is expected"),
        ({"timestamp": 2**63}, "timestamp: "),
        ({"created": "soon"}, "created: soon is not valid"),
        ({"appId": True}, "appId: true is not valid"),
    ],
)
def test_what_no_activity_can_be_without(changes: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what is allowed."""
    with pytest.raises(ValueError, match="is not valid") as caught:
        to_record(wire(**changes))
    assert str(caught.value).startswith(message)


@given(st.dictionaries(st.sampled_from(sorted(wire())), anything), st.dictionaries(st.text(max_size=3), anything))
def test_any_json_is_a_record_or_a_value_error(changes: dict[str, Any], more: dict[str, Any]) -> None:
    """Hostile records raise no other error."""
    try:
        found = to_record({**more, **wire(**changes)})
    except ValueError:
        return
    assert all(isinstance(value, str | int | None) for value in found.columns.values())
    assert all(abs(value) < 2**63 for value in found.columns.values() if isinstance(value, int))
    assert all(isinstance(each, str) for each in (value for given in found.values.values() for value in given))
