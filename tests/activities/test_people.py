"""Accounts and people from activities and scans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from opencasb.activities.entity_columns import record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.people import People, ScannedEntities
from opencasb.model.iso_time import iso
from opencasb.store.database import Database
from opencasb.store.entities import ACCOUNT, USER
from tests.activities.entity_example import ANA, GUID, TENANT, did
from tests.conftest import NOW


@pytest.fixture
def directory(database: Database, clock: Callable[[], int]) -> ScannedEntities:
    """An empty repository that accepts scans."""
    return ScannedEntities(database, clock)


def scan(directory: ScannedEntities, **flat: Any) -> None:
    """Deliver Ana's account in the directory."""
    given_ = {"id": GUID, "appId": 11161, "email": ANA, "sctime": NOW, **flat}
    assert directory.put(TENANT, [record(entities_from(given_, TENANT, NOW))]) == 1


def see(directory: ScannedEntities, *activities: dict[str, Any]) -> None:
    """Process activities in their own transaction."""
    with directory.writing() as connection:
        People(directory, lambda: NOW).seen(TENANT, activities, (), connection)


def stored(directory: ScannedEntities) -> list[dict[str, Any]]:
    """Return everything, accounts first."""
    rows = directory.page(TENANT, order="user_name", ascending=True)
    found = directory.many(TENANT, [row.record_id for row in rows]).values()
    return sorted(found, key=lambda each: (each["type"], each["ii"]))


def test_a_scan_takes_the_place_of_what_was_inferred(directory: ScannedEntities) -> None:
    """Its record, last time seen and person are kept; everything else is as in the scan."""
    see(directory, did(5, userId=...))
    inferred, _ = stored(directory)
    scan(directory, displayName="Ana Silva", status="active", lastSeen=NOW)
    account, user = stored(directory)
    assert (account["_id"], account["id"], account["isFake"]) == (inferred["_id"], GUID, False)
    assert (account["lastSeen"], account["parentId"]) == (iso(NOW + 5000), user["_id"])
    assert (user["displayName"], user["accounts"][0]["s"]) == ("Ana Silva", 2)


def test_what_is_inferred_never_overwrites_a_scan(directory: ScannedEntities) -> None:
    """Only the last time seen, and a status changed after the scan, are updated."""
    scan(directory, displayName="Ana Silva", status="active", isExternal=False)
    ana = {"objType": 23, "role": 3, "id": GUID, "name": ANA, "saasId": 11161, "instanceId": 0}
    suspended = did(-9, eventTypeName="EVENT_CATEGORY_SUSPEND_USER", user="root", userId=..., app="aws")
    suspended["mainInfo"]["eventObjects"].append(ana)
    see(directory, did(3, isExternal=True, actorType="Admin"), suspended)
    account = next(each for each in stored(directory) if each["id"] == GUID)
    assert (account["displayName"], account["status"], account["isExternal"]) == ("Ana Silva", 2, False)
    assert (account["isAdmin"], account["lastSeen"]) == (False, iso(NOW + 3000))
    see(directory, {**suspended, "timestamp": NOW + 1})
    scan(directory, sctime=NOW - 5)
    account = next(each for each in stored(directory) if each["id"] == GUID)
    assert account["status"] == 3


def test_a_role_given_after_the_scan_makes_an_administrator(directory: ScannedEntities) -> None:
    """A later delivery of an earlier scan does not undo it, a newer scan does (connectors §7)."""

    def promoted(at: int) -> dict[str, Any]:
        objects = [{"type": "user", "id": GUID, "name": ANA}, {"type": "role", "name": "Global Administrator"}]
        return did(at, eventTypeName="EVENT_CATEGORY_ADD_MEMBER_TO_ROLE", objects=objects, user="root", userId="r")

    def administrators() -> list[tuple[object, object]]:
        return [(each["isAdmin"], each["role"]) for each in stored(directory) if each["id"] == GUID]

    scan(directory)
    see(directory, promoted(-1))
    assert administrators() == [(False, None), (False, None)]
    see(directory, promoted(5))
    assert administrators() == [(True, "Global Administrator"), (True, None)]
    scan(directory, sctime=NOW + 4000, displayName="Ana Silva")
    assert administrators() == [(True, "Global Administrator"), (True, None)]
    scan(directory, sctime=NOW + 6000)
    assert administrators() == [(False, None), (False, None)]


def test_a_role_taken_away_after_the_scan_makes_no_administrator(directory: ScannedEntities) -> None:
    """A later delivery of an earlier scan does not undo it; a role without a name ends with all roles."""

    def taken(at: int, *roles: str) -> dict[str, Any]:
        objects = [{"type": "user", "id": GUID, "name": ANA}, *({"type": "role", "name": each} for each in roles)]
        return did(at, eventTypeName="EVENT_CATEGORY_REMOVE_MEMBER_FROM_ROLE", objects=objects, user="root", userId="r")

    def administrators() -> list[tuple[object, object]]:
        return [(each["isAdmin"], each["role"]) for each in stored(directory) if each["id"] == GUID]

    scan(directory, isAdmin=True, role="Global Administrator")
    see(directory, taken(-1, "Global Administrator"), taken(5, "User Administrator"))
    assert administrators() == [(True, "Global Administrator"), (True, None)]
    see(directory, taken(6, "Global Administrator"))
    assert administrators() == [(False, None), (False, None)]
    scan(directory, isAdmin=True, role="Global Administrator", sctime=NOW + 4000, displayName="Ana Silva")
    assert administrators() == [(False, None), (False, None)]
    scan(directory, isAdmin=True, sctime=NOW + 7000)
    see(directory, taken(8, "Global Administrator"))
    assert administrators() == [(True, None), (True, None)]
    see(directory, taken(9))
    assert administrators() == [(False, None), (False, None)]


def test_a_scanned_person_keeps_its_accounts(directory: ScannedEntities) -> None:
    """It also gets new ones; its other fields remain as in the scan."""
    see(directory, did(1))
    scan(directory, type="user", id="p-1", displayName="Silva, Ana")
    see(directory, did(7, app="github", userId="ana-s"))
    account, other, user = stored(directory)
    assert (user["ii"], user["displayName"], user["isFake"]) == ("11161|0|p-1", "Silva, Ana", False)
    assert [(each["ii"], each["p"]) for each in user["accounts"]] == [
        (account["ii"], user["ii"]),
        (other["ii"], user["ii"]),
    ]
    assert user["lastSeen"] == iso(NOW + 7000)


ANNA = "anna@example.org"


def people(directory: ScannedEntities) -> list[tuple[str, list[str]]]:
    """Return people by address, with the ids of their accounts."""
    found = [each for each in stored(directory) if each["type"] == USER]
    return sorted((each["email"], [item["i"] for item in each["accounts"]]) for each in found)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_who_gets_another_address_stays_one_person(directory: ScannedEntities, order: tuple[int, int]) -> None:
    """The newest is shown, in any order; accounts with either address belong to the person (connectors §7)."""
    activities = did(1), did(2, user=ANNA)
    for number in order:
        see(directory, activities[number])
    account = next(each for each in stored(directory) if each["type"] == ACCOUNT)
    assert (account["email"], account["displayName"], account["identifiers"]) == (ANNA, ANNA, [ANA])
    see(directory, did(3, app="github", userId="a-1"), did(4, app="okta", userId="a-2", user=ANNA))
    assert people(directory) == [(ANNA, [GUID, "a-2", "a-1"])]
    see(directory, did(5, app="box", userId="a-3", user=ANNA))
    assert people(directory) == [(ANNA, [GUID, "a-2", "a-3", "a-1"])]


@pytest.mark.parametrize("is_first", [True, False])
def test_an_alias_joins_accounts(directory: ScannedEntities, is_first: bool) -> None:
    """The scan with the alias and the account using it may arrive in any order."""
    for step in (is_first, not is_first):
        if step:
            scan(directory, aliases=[ANNA])
        else:
            see(directory, did(1, app="github", userId="a-1", user=ANNA))
    assert people(directory) == [(ANA, [GUID, "a-1"])]


def test_an_alias_of_two_people_joins_nobody(directory: ScannedEntities) -> None:
    """They remain separate, and so does an account using it."""
    scan(directory, aliases=[ANNA])
    scan(directory, id="b-1", email="ben@example.org", aliases=[ANNA])
    see(directory, did(1, app="github", userId="a-1", user=ANNA))
    assert people(directory) == [(ANA, [GUID]), (ANNA, ["a-1"]), ("ben@example.org", ["b-1"])]


def test_accounts_that_came_with_their_user_stay_what_they_are(directory: ScannedEntities) -> None:
    """Activities add to what was delivered, and the next delivery removes none of it."""
    account = {
        "i": GUID,
        "saas": 11161,
        "em": ANA,
        "dn": "Ana Silva",
        "aliases": ["ana"],
        "s": 3,
        "isFake": True,
        "sub": {"20893": None},
    }
    user = {"type": "user", "displayName": "Ana Silva", "accounts": [account]}
    scan(directory, **user)
    see(directory, did(5, app="sharepoint", user=ANA, userId=GUID))
    made, ana = stored(directory)
    assert (made["displayName"], made["identifiers"], made["status"]) == ("Ana Silva", ["ana"], 3)
    assert (made["subApps"], made["lastSeen"], made["parentId"]) == ([20892, 20893], iso(NOW + 5000), ana["_id"])
    (item,) = ana["accounts"]
    assert (item["aliases"], item["s"], item["sublst"], item["lastSeen"]) == (
        ["ana"],
        3,
        [20892, 20893],
        iso(NOW + 5000),
    )
    given_ = {"id": GUID, "appId": 11161, "email": ANA, "sctime": NOW, **user}
    assert directory.put(TENANT, [record(entities_from(given_, TENANT, NOW))]) == 0
    assert stored(directory) == [made, ana]


@pytest.mark.parametrize("more", [[], [did(2)]])
def test_an_account_first_seen_by_its_address_is_there_once(directory: ScannedEntities, more: list[Any]) -> None:
    """The person is then delivered with the account's id; its record is kept."""
    see(directory, did(1, userId=...), *more)
    seen, _ = stored(directory)
    scan(directory, type="user", accounts=[{"i": GUID, "saas": 11161, "em": ANA}])
    see(directory, did(500))
    account, user = stored(directory)
    assert (account["_id"], account["id"], account["lastSeen"]) == (seen["_id"], GUID, iso(NOW + 500_000))
    assert [(each["_id"], each["i"]) for each in user["accounts"]] == [(account["_id"], GUID)]


def test_exported_people_come_back_as_they_were(directory: ScannedEntities) -> None:
    """An account may have been first seen by its address."""
    see(directory, did(1, userId=...), did(2), did(3, app="github", userId="a-1"))
    before = stored(directory)
    for each in before:
        assert (
            directory.put(TENANT, [record({**entities_from(each, TENANT, NOW), "timestamp": each["timestamp"]})]) == 0
        )
    assert stored(directory) == before


def test_a_name_that_two_people_share_joins_nobody(directory: ScannedEntities) -> None:
    """Exports have display names among the aliases; only addresses identify people (connectors §7)."""
    scan(directory, aliases=["ana silva", GUID])
    scan(directory, id="b-1", appId=10489, email="asilva@example.net", aliases=["ana silva"])
    assert people(directory) == [(ANA, [GUID]), ("asilva@example.net", ["b-1"])]


def test_tenants_are_apart(directory: ScannedEntities) -> None:
    """The same people in another tenant have other ids."""
    see(directory, did())
    with directory.writing() as connection:
        People(directory, lambda: NOW).seen(TENANT + 1, [did()], (), connection)
    assert {each["_id"] for each in stored(directory)}.isdisjoint(
        row.record_id for row in directory.page(TENANT + 1, order="user_name", ascending=True)
    )


def test_somebody_seen_again_at_once_is_not_written_again(directory: ScannedEntities) -> None:
    """Account and person are updated in the next minute; any other change is written at once."""
    see(directory, did())
    seq = directory.since(TENANT, 0, 10)[-1].seq
    see(directory, did(30), did(59))
    assert directory.since(TENANT, seq, 10) == []
    see(directory, did(60))
    assert {each["lastSeen"] for each in stored(directory)} == {iso(NOW + 60_000)}
    see(directory, did(61, actorType="Admin"))
    assert {(each["isAdmin"], each["lastSeen"]) for each in stored(directory)} == {(True, iso(NOW + 61_000))}


def test_crowds_are_taken_in_pieces(directory: ScannedEntities) -> None:
    """An activity contributes at most a hundred accounts; SQL statements remain short for any number."""
    crowd = [{"type": "user", "name": f"u{n}@example.org"} for n in range(150)]
    see(
        directory,
        *(did(n, userId=f"id-{n}", eventTypeName="EVENT_CATEGORY_SHARE_FILE", objects=crowd) for n in range(3)),
    )
    assert directory.count(TENANT) == (3 + 99 + 1 + 99, False)


def test_activities_of_nobody_change_nothing(directory: ScannedEntities) -> None:
    """The number of the last change is the same, too."""
    see(directory, did(user=..., userId=...))
    assert directory.since(TENANT, 0, 10) == []


def test_own_domains_tell_who_is_external(database: Database) -> None:
    """This applies to account and person; without own domains it is unknown, and the next activity determines it."""
    directory = ScannedEntities(database, lambda: NOW)

    def seen(*activities: dict[str, Any], own: frozenset[str] = frozenset()) -> dict[str, Any]:
        with directory.writing() as connection:
            People(directory, lambda: NOW).seen(TENANT, activities, own, connection)
        rows = directory.page(TENANT, order="last_seen", ascending=True)
        found = [msgspec.json.decode(row.document) for row in rows]
        return {each["email"]: (each["isExternal"], len(each["userGroups"])) for each in found}

    assert seen(did()) == {ANA: (None, 0)}
    own = frozenset({"example.org"})
    eve = did(2, user="eve@else.example", userId="eve")
    assert seen(did(1), eve, own=own) == {ANA: (False, 0), "eve@else.example": (True, 1)}
