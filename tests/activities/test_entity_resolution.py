"""Accounts and people inferred from activities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.entity_resolution import Known, sightings_of
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.inferred_roles import MOST
from opencasb.model.iso_time import iso
from opencasb.store.entities import ACCOUNT, USER
from opencasb.store.records import Record
from tests.activities.anything import damaged
from tests.activities.entity_example import ANA, GUID, TENANT, did
from tests.activities.example import wire
from tests.conftest import NOW

Documents = Mapping[str, dict[str, Any]]


def seen_in(
    activities: Iterable[dict[str, Any]], stored: Mapping[str, Mapping[str, Any]], now: int = NOW
) -> list[Record]:
    """Return inferred accounts and people that are new or differ from ``stored``."""
    known = Known(TENANT, stored, now)
    for each in sightings_of(activities):
        known.see(each)
    return known.changed()


def after(stored: Documents, *activities: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return all entities after some activities."""
    new = seen_in(activities, stored)
    return {**stored, **{each.record_id: dict(each.document) for each in new}}


def of_type(documents: Documents, kind: int) -> list[dict[str, Any]]:
    """Return all accounts, or all users."""
    return [each for each in documents.values() if each["type"] == kind]


def one(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the only entity."""
    (found,) = documents
    return found


def test_an_activity_shows_an_account_and_its_person() -> None:
    """Both are inferred, refer to each other, and have the activity's time as last seen (connectors §7)."""
    documents = after({}, did())
    account, user = one(of_type(documents, ACCOUNT)), one(of_type(documents, USER))
    assert (account["id"], account["email"], account["isFake"], account["status"]) == (GUID, ANA, True, 0)
    assert account["lastSeen"] == user["lastSeen"] == iso(NOW)
    assert account["parentId"] == user["_id"] != account["_id"]
    assert [each["_id"] for each in user["accounts"]] == [account["_id"]]
    assert (user["email"], user["isFake"], user["ii"]) == (ANA, True, account["ii"])
    assert seen_in([did()], documents, NOW + 9) == []


def test_the_newest_successful_activity_counts() -> None:
    """Failed activities, those of programs, and older ones that arrive later do not count."""
    documents = after({}, did(5), did(9, isSuccess=False))
    documents = after(documents, did(3), did(8, actorType="Application"))
    assert {each["lastSeen"] for each in documents.values()} == {iso(NOW + 5000)}


def test_a_name_that_failed_to_sign_in_is_nobody() -> None:
    """Otherwise guessed names would fill the list."""
    assert after({}, did(isSuccess=False, userId=..., user="guess@example.org")) == {}
    assert len(after({}, did(isSuccess=False))) == 2


def test_one_address_is_one_person() -> None:
    """It has an account per app, the directory first; used services of a suite are the account's apps."""
    documents = after({}, did(1, app="github", userId="ana-s"), did(2, app="exchange"))
    user = one(of_type(documents, USER))
    assert [(each["saas"], each["sublst"]) for each in user["accounts"]] == [(11161, [20893]), (38536, [])]
    assert user["ii"] == f"11161|0|{GUID}"
    assert user["lastSeen"] == iso(NOW + 2000)


def test_programs_and_plain_names_are_nobodys_accounts() -> None:
    """They have no person."""
    documents = after({}, did(actorType="Application"), did(user="root", userId=..., app="aws"))
    assert of_type(documents, USER) == []
    assert {(each["idType"], each["parentId"]) for each in documents.values()} == {(17, None), (1, None)}


def test_an_address_stands_for_the_id_until_it_is_known() -> None:
    """Afterwards the same record has both; no second person with that id is created."""
    documents = after({}, did(userId=...))
    before = one(of_type(documents, ACCOUNT))
    assert (before["id"], before["displayName"]) == (ANA, ANA)
    documents = after(documents, did(1))
    account = one(of_type(documents, ACCOUNT))
    assert (account["_id"], account["id"], account["ii"]) == (before["_id"], GUID, f"11161|0|{GUID}")
    assert one(of_type(documents, USER))["accounts"][0]["i"] == GUID
    assert one(of_type(after(documents, did(2, userId=...)), ACCOUNT))["lastSeen"] == iso(NOW + 2000)


def test_events_change_the_status() -> None:
    """The newest event wins, whatever the order; it does not count as seen."""
    ben = {"type": "user", "id": "b-1", "name": "ben@example.org"}
    gone, back = did(9, eventTypeName="EVENT_CATEGORY_DELETE_USER"), did(5, eventTypeName="EVENT_CATEGORY_RESTORE_USER")
    for each in (gone, back):
        each["mainInfo"]["eventObjects"].append({**ben, "objType": 23, "role": 3, "saasId": 11161, "instanceId": 0})
    for order in ((gone, back), (back, gone)):
        documents: Documents = {}
        for each in order:
            documents = after(documents, each)
        found = one(each for each in documents.values() if each["id"] == "b-1" and each["type"] == ACCOUNT)
        assert (found["status"], found["lastSeen"]) == (4, None)


def test_an_exported_account_comes_back_as_it_was() -> None:
    """It has the times of its role and status, so that older activities change neither."""
    ben = {"type": "user", "id": "b-1", "name": "ben@example.org", "role": "target"}
    suspended = did(9, eventTypeName="EVENT_CATEGORY_SUSPEND_USER", objects=[ben])
    role = {"type": "role", "name": "Global Administrator", "role": "parameter"}
    promoted = did(9, eventTypeName="EVENT_CATEGORY_ADD_MEMBER_TO_ROLE", objects=[ben, role])
    documents = after({}, suspended, promoted)
    found = one(each for each in documents.values() if each["id"] == "b-1" and each["type"] == ACCOUNT)
    told = {name: found[name] for name in ("status", "statusTime", "role", "roleTime")}
    assert told["statusTime"] == told["roleTime"] == NOW + 9000
    assert {name: entities_from(found, TENANT, NOW)[name] for name in told} == told


def test_the_newest_role_counts() -> None:
    """The order of arrival does not matter."""
    ben = {"type": "user", "id": "b-1", "name": "ben@example.org", "role": "target"}
    given_roles = [
        did(at, eventTypeName="EVENT_CATEGORY_ADD_MEMBER_TO_ROLE", objects=[ben, {"type": "role", "name": role}])
        for at, role in ((5, "User Administrator"), (9, "Global Administrator"))
    ]
    for order in (given_roles, given_roles[::-1]):
        documents: Documents = {}
        for each in order:
            documents = after(documents, each)
        found = one(each for each in documents.values() if each["id"] == "b-1" and each["type"] == ACCOUNT)
        assert (found["role"], found["isAdmin"]) == ("Global Administrator", True)


BEN = {"type": "user", "id": "b-1", "name": "ben@example.org", "role": "target"}


def role_event(at: int, role: str | None, kind: str = "ADD_MEMBER_TO_ROLE") -> dict[str, Any]:
    """Return an activity that gives Ben a role or takes it away."""
    objects = [BEN] if role is None else [BEN, {"type": "role", "name": role, "role": "parameter"}]
    return did(at, eventTypeName=f"EVENT_CATEGORY_{kind}", objects=objects)


def taken(at: int, role: str | None) -> dict[str, Any]:
    """Return an activity that takes away a role of Ben, or all of them."""
    return role_event(at, role, "REMOVE_MEMBER_FROM_ROLE")


@pytest.mark.parametrize(
    ("events", "role"),
    [
        ([role_event(1, "Global Administrator"), taken(2, "Global Administrator")], None),
        ([role_event(1, "Global Administrator"), taken(2, None)], None),
        ([role_event(1, "Global Administrator"), taken(2, "Reader")], "Global Administrator"),
        ([role_event(1, "Global Administrator"), taken(2, "User Administrator")], "Global Administrator"),
        (
            [
                role_event(1, "User Administrator"),
                role_event(2, "Global Administrator"),
                taken(3, "Global Administrator"),
            ],
            "User Administrator",
        ),
        (
            [taken(1, None), role_event(2, "Global Administrator"), taken(1, "Global Administrator")],
            "Global Administrator",
        ),
        ([did(1, user="ben@example.org", userId="b-1", actorType="Admin"), taken(2, "Global Administrator")], None),
    ],
)
def test_who_loses_the_last_role_is_no_administrator(events: list[dict[str, Any]], role: str | None) -> None:
    """The order of arrival does not matter; one who has further administrative roles remains one (connectors §7)."""
    for order in permutations(events):
        documents: Documents = {}
        for each in order:
            documents = after(documents, each)
        found = one(each for each in documents.values() if each["id"] == "b-1" and each["type"] == ACCOUNT)
        assert (found["role"], found["isAdmin"]) == (role, role is not None)
        assert entities_from(found, TENANT, NOW)["roleTimes"] == found["roleTimes"]


def test_an_account_goes_by_the_name_that_activities_about_it_show() -> None:
    """Where the app has no addresses, the number that identifies it says nothing."""
    hub = {"type": "user", "id": 77, "name": "hub", "role": "target"}
    created = did(app="github", userId="ana-s", eventTypeName="EVENT_CATEGORY_CREATE_USER", objects=[hub])
    found = one(each for each in after({}, created).values() if each["id"] == "77")
    assert (found["displayName"], found["email"]) == ("hub", None)


def test_a_role_lost_before_acting_as_administrator_takes_nothing_away() -> None:
    """Whichever activity arrives first: the account must have had another role by then."""
    acted = did(3, user="ben@example.org", userId="b-1", actorType="Admin")
    for order in permutations([acted, taken(2, "Global Administrator"), taken(1, None)]):
        documents: Documents = {}
        for each in order:
            documents = after(documents, each)
        found = one(each for each in documents.values() if each["id"] == "b-1" and each["type"] == ACCOUNT)
        assert (found["isAdmin"], found["role"]) == (True, None)
        assert entities_from(found, TENANT, NOW + 9000)["adminTime"] == found["adminTime"] == NOW + 3000


def test_of_many_roles_the_newest_are_kept() -> None:
    """An account cannot grow without limit."""
    documents: Documents = {}
    for number in range(MOST + 2):
        documents = after(documents, role_event(number, f"Administrator {number}"))
    found = one(each for each in documents.values() if each["id"] == "b-1" and each["type"] == ACCOUNT)
    names = {each["name"] for each in found["roleTimes"]}
    assert (len(names), found["role"]) == (MOST, f"Administrator {MOST + 1}")
    assert names.isdisjoint({"Administrator 0", "Administrator 1"})


@given(st.permutations(range(6)), st.sampled_from([1, 2, 6]))
def test_the_order_of_delivery_does_not_matter(order: list[int], size: int) -> None:
    """The number of batches does not matter either."""
    activities = [
        did(1),
        did(2, app="github", userId="ana-s"),
        did(3, app="github", userId="ana-s"),
        did(2, app="okta", userId="o-1", isExternal=True),
        did(4, isSuccess=False),
        did(3, user="ben@example.org", userId="b-1"),
    ]
    expected = after({}, *activities)
    documents: Documents = {}
    for start in range(0, 6, size):
        documents = after(documents, *(activities[n] for n in order[start : start + size]))
    volatile = {"timestamp"}
    assert {key: _without(each, volatile) for key, each in documents.items()} == {
        key: _without(each, volatile) for key, each in expected.items()
    }


def _without(document: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


@given(st.lists(damaged(wire()) | damaged(did()), max_size=3))
def test_accounts_of_activities_of_any_shape_can_be_stored(activities: list[dict[str, Any]]) -> None:
    """For activities of any shape, the result can be stored and is stable."""
    documents = {each.record_id: each.document for each in seen_in(activities, {})}
    assert seen_in(activities, documents) == []
