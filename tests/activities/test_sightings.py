"""Accounts that appear in activities."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from opencasb.activities.entity_wire import ACTIVE, DELETED, SUSPENDED
from opencasb.activities.normalised import to_wire
from opencasb.activities.sightings import Sighting, sightings
from tests.activities.anything import damaged
from tests.activities.example import wire
from tests.activities.normalised_example import normalised
from tests.conftest import NOW

TENANT = 81_000_001
GUID = "3b0f4c3e-0000-4000-8000-0000000000aa"
CATEGORY = "EVENT_CATEGORY_"


def shown(**changes: Any) -> list[Sighting]:
    """Return the accounts in a normalised activity."""
    return list(sightings(to_wire(normalised(**changes), TENANT, NOW)))


def test_the_actor_is_known_by_the_id_of_the_app() -> None:
    """It is in the parent app's instance, and has the address (connectors §7)."""
    (ana,) = shown(instanceId=3, isExternal=True)
    assert (ana.key.id, ana.key.saas, ana.key.inst, ana.app_id) == (GUID, 11161, 3, 15600)
    assert (ana.email, ana.name, ana.time, ana.is_external) == ("ana@example.org", "ana@example.org", NOW - 1000, True)
    assert (ana.seen, ana.is_certain, ana.is_application) == (True, True, False)


def test_without_an_id_the_address_stands_for_it() -> None:
    """A name without @ is used as the id."""
    (ana,) = shown(userId=...)
    assert (ana.key.id, ana.email) == ("ana@example.org", "ana@example.org")
    (root,) = shown(userId=..., user="root", app="aws", appId=11599)
    assert (root.key.id, root.key.saas, root.email) == ("root", 11599, None)


def test_a_key_of_a_user_is_no_address() -> None:
    """Microsoft 365 writes it like one (connectors §5.1); the name has the address."""
    (ana,) = shown(userId="i:0h.f|membership|10032001ABCD@live.com")
    assert (ana.key.id, ana.email) == ("i:0h.f|membership|10032001abcd@live.com", "ana@example.org")


@pytest.mark.parametrize("spelled", ["Eve_else.example#EXT#@contoso.example", "urn:spo:guest#eve@else.example"])
def test_a_guest_of_an_export_has_the_own_address(spelled: str) -> None:
    """The name stays as the app spells it; it tells that the account is external (connectors §3.2, §7)."""
    given_ = wire(
        user={"userName": spelled},
        entityData={"0": {"id": {"id": spelled, "saas": 11161, "inst": 0}}, "2": {"id": {"id": GUID}}},
        resolvedActor=None,
    )
    (eve,) = sightings(given_)
    assert (eve.key.id, eve.email, eve.is_external) == (GUID, "eve@else.example", True)


@pytest.mark.parametrize(
    "changes",
    [{"actorType": "System"}, {"user": "NT AUTHORITY\\SYSTEM", "userId": ...}, {"user": ..., "userId": ...}],
)
def test_systems_are_nobody(changes: dict[str, Any]) -> None:
    """An activity without an actor shows nobody either."""
    assert shown(**changes) == []


@pytest.mark.parametrize(
    ("category", "status"),
    [("CREATE_USER", ACTIVE), ("SUSPEND_USER", SUSPENDED), ("DELETE_USER", DELETED), ("RESTORE_USER", ACTIVE)],
)
def test_the_target_has_a_new_status(category: str, status: int) -> None:
    """The activity must have succeeded."""
    ben = {"type": "user", "id": "b-1", "name": "Ben@example.org", "role": "target"}
    _, found = shown(eventTypeName=CATEGORY + category, objects=[ben])
    assert (found.key.id, found.email, found.status, found.seen) == ("b-1", "ben@example.org", status, False)
    assert len(shown(eventTypeName=CATEGORY + category, objects=[ben], isSuccess=False)) == 1


def test_a_new_role_makes_an_administrator() -> None:
    """The role's name must say so."""
    ben = {"type": "user", "name": "ben@example.org", "role": "target"}
    role = {"type": "role", "name": "User Administrator", "role": "parameter"}
    _, found = shown(eventTypeName=f"{CATEGORY}ADD_MEMBER_TO_ROLE", objects=[ben, role])
    assert (found.role, found.is_given) == ("User Administrator", True)
    reader = {**role, "name": "Reader"}
    assert len(shown(eventTypeName=f"{CATEGORY}ADD_MEMBER_TO_ROLE", objects=[ben, reader])) == 1


@pytest.mark.parametrize(
    ("others", "role"),
    [
        ([{"type": "organization", "name": "acme-admins"}, {"type": "role", "name": "admin"}], "admin"),
        ([{"type": "group", "name": "Admins"}], None),
        ([{"type": "property", "name": "Role.DisplayName", "value": "User Administrator"}], "User Administrator"),
    ],
)
def test_only_a_role_or_property_names_the_role(others: list[dict[str, str]], role: str | None) -> None:
    """An organisation or group may be called what it likes."""
    ben = {"type": "user", "name": "ben@example.org"}
    found = shown(eventTypeName=f"{CATEGORY}ADD_MEMBER_TO_ROLE", objects=[ben, *others])
    assert [each.role for each in found if each.role] == ([role] if role else [])


def test_a_display_name_is_nobodys_id() -> None:
    """This applies to directories whose people have addresses (connectors §3.2); elsewhere a name may be the id."""
    role = {"type": "role", "name": "User Administrator", "role": "parameter"}
    changes = {"eventTypeName": f"{CATEGORY}ADD_MEMBER_TO_ROLE", "userId": "a-1"}
    ben = {"type": "user", "name": "Ben Kay", "role": "target"}
    assert [each.key.id for each in shown(**changes, objects=[ben, role])] == ["a-1"]
    assert [each.key.id for each in shown(**changes, objects=[{**ben, "id": "b-1"}, role])] == ["a-1", "b-1"]
    (_, found) = shown(**changes, objects=[{**ben, "name": "ben"}, role], app="aws", appId=11599)
    assert (found.key.id, found.role) == ("ben", "User Administrator")


def test_a_share_shows_whom_it_is_with() -> None:
    """It shows only those with an address; files and folders are no accounts."""
    objects = [
        {"type": "file", "id": "f"},
        {"type": "emailAddress", "name": "eve@else.example"},
        {"type": "user", "id": "x"},
    ]
    _, eve = shown(eventTypeName=f"{CATEGORY}SHARE_FILE", objects=objects)
    assert (eve.email, eve.seen, eve.status) == ("eve@else.example", False, None)
    assert len(shown(objects=objects)) == 1


def test_a_guest_who_is_shared_with_is_external() -> None:
    """The guest's own address counts, as for guests who act (connectors §3.2)."""
    guest = {"type": "user", "name": "eve_else.example#EXT#@contoso.example"}
    _, eve = shown(eventTypeName=f"{CATEGORY}SHARE_FILE", objects=[guest])
    assert (eve.key.id, eve.email, eve.is_external) == ("eve@else.example", "eve@else.example", True)


def test_who_is_invited_as_a_guest_is_external() -> None:
    """The account is there before the guest acts (connectors §7, portal §9.2)."""
    eve = {"type": "user", "id": "e-1", "name": "eve@else.example"}
    _, found = shown(eventTypeName=f"{CATEGORY}INVITE_EXTERNAL_USER", objects=[eve])
    assert (found.key.id, found.email, found.is_external, found.seen) == ("e-1", "eve@else.example", True, False)


def exported(name: str) -> list[Sighting]:
    """Return the accounts in an export in which somebody with a name acts."""
    account = {"id": {"id": name, "saas": 11161, "inst": 0}, "displayName": name}
    return list(sightings(wire(user={"userName": name}, entityData={"0": account}, resolvedActor=None)))


@pytest.mark.parametrize("name", ["anonymous", "urn:spo:anon#f00d", "Unknown", "SHAREPOINT\\system"])
def test_nobody_is_nobody_in_an_export_too(name: str) -> None:
    """It names nobody as the app does (connectors §3.2)."""
    assert exported(name) == []


@pytest.mark.parametrize("name", ["app@sharepoint", "ServicePrincipal_0f3c5e1a-0000-4000-8000-0000000000bb"])
def test_a_program_is_a_program_in_an_export_too(name: str) -> None:
    """Its name tells (connectors §3.2)."""
    (found,) = exported(name)
    assert (found.is_application, found.seen) == (True, False)


def test_wire_records_are_read_as_well() -> None:
    """The id resolved by the app takes precedence over the name as typed."""
    (ana,) = sightings(wire())
    assert (ana.key.id, ana.email, ana.name) == (GUID, "ana@example.org", "Ana Silva")
    assert ana.is_external is True


def test_accounts_are_in_the_suite_even_if_an_export_names_its_part() -> None:
    """Upstream repeats the part's number in ``saasId``, and user names have no number of their own (api §7.4)."""
    ben = {"objType": 2, "role": 3, "id": "b-1", "name": "ben@example.org"}
    gone = wire(saasId=20893, eventTypeName=f"{CATEGORY}DELETE_USER", mainInfo={"eventObjects": [ben]})
    assert [(each.key.id, each.key.saas) for each in sightings(gone)] == [(GUID, 11161), ("b-1", 11161)]


@pytest.mark.parametrize(
    ("number", "found"), [("ANA@example.org", []), (GUID, []), ("ben@example.org", ["ben@example.org"])]
)
def test_an_actors_own_accounts_are_no_targets(number: str, found: list[str]) -> None:
    """Exports list them as related, in role 5; others may be related, too."""
    related = {"objType": 23, "role": 5, "id": number, "name": "A. N.", "saasId": 11161, "instanceId": 0}
    gone = wire(eventTypeName=f"{CATEGORY}DELETE_USER", mainInfo={"eventObjects": [related]})
    assert [each.key.id for each in sightings(gone) if each.status == DELETED] == found


@pytest.mark.parametrize("result", [None, {"isSuccess": True}])
def test_a_failed_sign_in_is_a_failure_whatever_its_result_says(result: object) -> None:
    """It does not count as seen, and a name that was merely typed is nobody's (connectors §3.5, §7)."""
    failed: dict[str, Any] = {"eventTypeName": f"{CATEGORY}FAILED_LOGIN", "mainInfo": {"activityResult": result}}
    typed: dict[str, Any] = {"entityData": {"0": {"id": {"id": "guess@example.org"}}}, "resolvedActor": None}
    (ana,), (guess,) = sightings(wire(**failed)), sightings(wire(**failed, **typed))
    assert [(each.seen, each.is_certain) for each in (ana, guess)] == [(False, True), (False, False)]


@given(damaged(wire()) | damaged(to_wire(normalised(eventTypeName=f"{CATEGORY}DELETE_USER"), TENANT, NOW)))
def test_activities_of_any_shape_are_read(activity: dict[str, Any]) -> None:
    """Activities may have any shape."""
    for each in sightings(activity):
        assert each.key.id
        assert each.time >= 0
