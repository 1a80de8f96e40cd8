"""Accounts and people, as activities and scans show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.entity_columns import record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.normalised import to_wire
from opencasb.activities.people import People, ScannedEntities, seen_in
from opencasb.model.iso_time import iso
from opencasb.store.database import Database
from opencasb.store.entities import ACCOUNT, USER
from tests.activities.anything import damaged
from tests.activities.example import wire
from tests.activities.normalised_example import normalised
from tests.conftest import NOW

TENANT = 81_000_001
GUID = "3b0f4c3e-0000-4000-8000-0000000000aa"
ANA = "ana@example.org"
Documents = Mapping[str, dict[str, Any]]


def did(at: int = 0, **changes: Any) -> dict[str, Any]:
    """Return a wire activity ``at`` seconds after NOW; of Ana unless changes say otherwise."""
    made = {"app": "office365", "appId": ..., "timestamp": NOW + at * 1000, "objects": [], **changes}
    return to_wire(normalised(**made), TENANT, NOW)


def after(stored: Documents, *activities: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return all entities after activities."""
    new = seen_in(activities, TENANT, stored, NOW)
    return {**stored, **{each.record_id: dict(each.document) for each in new}}


def of_type(documents: Documents, kind: int) -> list[dict[str, Any]]:
    """Return accounts, or users."""
    return [each for each in documents.values() if each["type"] == kind]


def one(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the only one."""
    (found,) = documents
    return found


def test_an_activity_shows_an_account_and_its_person() -> None:
    """Both are inferred, point to one another, and were last seen then (connectors §7)."""
    documents = after({}, did())
    account, user = one(of_type(documents, ACCOUNT)), one(of_type(documents, USER))
    assert (account["id"], account["email"], account["isFake"], account["status"]) == (GUID, ANA, True, 0)
    assert account["lastSeen"] == user["lastSeen"] == iso(NOW)
    assert account["parentId"] == user["_id"] != account["_id"]
    assert [each["_id"] for each in user["accounts"]] == [account["_id"]]
    assert (user["email"], user["isFake"], user["ii"]) == (ANA, True, account["ii"])
    assert seen_in([did()], TENANT, documents, NOW + 9) == []


def test_the_newest_successful_activity_counts() -> None:
    """Failed ones and those of programs do not; older ones that come late do not either."""
    documents = after({}, did(5), did(9, isSuccess=False))
    documents = after(documents, did(3), did(8, actorType="Application"))
    assert {each["lastSeen"] for each in documents.values()} == {iso(NOW + 5000)}


def test_a_name_that_failed_to_sign_in_is_nobody() -> None:
    """Else whoever guesses names would fill the list."""
    assert after({}, did(isSuccess=False, userId=..., user="guess@example.org")) == {}
    assert len(after({}, did(isSuccess=False))) == 2


def test_one_address_is_one_person() -> None:
    """With an account in each app, the directory first; what an account uses of its app are its apps."""
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
    """Then it is the same record with both; a second person with the same id there is not."""
    documents = after({}, did(userId=...))
    before = one(of_type(documents, ACCOUNT))
    assert (before["id"], before["displayName"]) == (ANA, ANA)
    documents = after(documents, did(1))
    account = one(of_type(documents, ACCOUNT))
    assert (account["_id"], account["id"], account["ii"]) == (before["_id"], GUID, f"11161|0|{GUID}")
    assert one(of_type(documents, USER))["accounts"][0]["i"] == GUID
    assert one(of_type(after(documents, did(2, userId=...)), ACCOUNT))["lastSeen"] == iso(NOW + 2000)


def test_events_change_the_status() -> None:
    """The newest wins, whenever it comes; nobody was seen by it."""
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


@given(st.permutations(range(6)), st.sampled_from([1, 2, 6]))
def test_the_order_of_delivery_does_not_matter(order: list[int], size: int) -> None:
    """Nor in how many batches activities come."""
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
def test_nothing_is_raised(activities: list[dict[str, Any]]) -> None:
    """Whatever shape activities have, what is inferred can be stored and is stable."""
    documents = {each.record_id: each.document for each in seen_in(activities, TENANT, {}, NOW)}
    assert seen_in(activities, TENANT, documents, NOW) == []


@pytest.fixture
def directory(database: Database, clock: Callable[[], int]) -> ScannedEntities:
    """An empty repository that takes scans."""
    return ScannedEntities(database, clock)


def scan(directory: ScannedEntities, **flat: Any) -> None:
    """Deliver an account of Ana in the directory."""
    given_ = {"id": GUID, "appId": 11161, "email": ANA, "sctime": NOW, **flat}
    assert directory.put(TENANT, [record(entities_from(given_, TENANT, NOW))]) == 1


def see(directory: ScannedEntities, *activities: dict[str, Any]) -> None:
    """Let activities be seen in a transaction of their own."""
    with directory.writing() as connection:
        People(directory, lambda: NOW).seen(TENANT, activities, connection)


def stored(directory: ScannedEntities) -> list[dict[str, Any]]:
    """Return everything, accounts first."""
    rows = directory.page(TENANT, order="user_name", ascending=True)
    found = directory.many(TENANT, [row.record_id for row in rows]).values()
    return sorted(found, key=lambda each: (each["type"], each["ii"]))


def test_a_scan_takes_the_place_of_what_was_inferred(directory: ScannedEntities) -> None:
    """The record stays, and so does when it was last seen, and its person; the rest is what the scan says."""
    see(directory, did(5, userId=...))
    inferred, _ = stored(directory)
    scan(directory, displayName="Ana Silva", status="active", lastSeen=NOW)
    account, user = stored(directory)
    assert (account["_id"], account["id"], account["isFake"]) == (inferred["_id"], GUID, False)
    assert (account["lastSeen"], account["parentId"]) == (iso(NOW + 5000), user["_id"])
    assert (user["displayName"], user["accounts"][0]["s"]) == ("Ana Silva", 2)


def test_what_is_inferred_never_overwrites_a_scan(directory: ScannedEntities) -> None:
    """But for when somebody was seen, and for a status that changed after the scan."""
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


def test_a_scanned_person_keeps_its_accounts(directory: ScannedEntities) -> None:
    """And gets new ones; it stays what the scan has said of it."""
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


def test_tenants_are_apart(directory: ScannedEntities) -> None:
    """The same people in another tenant are others."""
    see(directory, did())
    with directory.writing() as connection:
        People(directory, lambda: NOW).seen(TENANT + 1, [did()], connection)
    assert {each["_id"] for each in stored(directory)}.isdisjoint(
        row.record_id for row in directory.page(TENANT + 1, order="user_name", ascending=True)
    )


def test_somebody_seen_again_at_once_is_not_written_again(directory: ScannedEntities) -> None:
    """In the next minute the account and its person are, and whatever else changes is written at once."""
    see(directory, did())
    seq = directory.since(TENANT, 0, 10)[-1].seq
    see(directory, did(30), did(59))
    assert directory.since(TENANT, seq, 10) == []
    see(directory, did(60))
    assert {each["lastSeen"] for each in stored(directory)} == {iso(NOW + 60_000)}
    see(directory, did(61, actorType="Admin"))
    assert {(each["isAdmin"], each["lastSeen"]) for each in stored(directory)} == {(True, iso(NOW + 61_000))}


def test_crowds_are_taken_in_pieces(directory: ScannedEntities) -> None:
    """Of what one activity names a hundred count; however many that makes, no statement gets too long."""
    crowd = [{"type": "user", "name": f"u{n}@example.org"} for n in range(150)]
    see(
        directory,
        *(did(n, userId=f"id-{n}", eventTypeName="EVENT_CATEGORY_SHARE_FILE", objects=crowd) for n in range(3)),
    )
    assert directory.count(TENANT) == (3 + 99 + 1 + 99, False)


def test_activities_of_nobody_change_nothing(directory: ScannedEntities) -> None:
    """Not even the number of the last change."""
    see(directory, did(user=..., userId=...))
    assert directory.since(TENANT, 0, 10) == []


def test_own_domains_tell_who_is_external(database: Database) -> None:
    """Account and person; without own domains nobody knows, and who was unknown is known with the next activity."""
    directory = ScannedEntities(database, lambda: NOW)

    def seen(*activities: dict[str, Any], own: frozenset[str] = frozenset()) -> dict[str, Any]:
        with directory.writing() as connection:
            People(directory, lambda: NOW, lambda *_: own).seen(TENANT, activities, connection)
        rows = directory.page(TENANT, order="last_seen", ascending=True)
        found = [msgspec.json.decode(row.document) for row in rows]
        return {each["email"]: (each["isExternal"], len(each["userGroups"])) for each in found}

    assert seen(did()) == {ANA: (None, 0)}
    own = frozenset({"example.org"})
    eve = did(2, user="eve@else.example", userId="eve")
    assert seen(did(1), eve, own=own) == {ANA: (False, 0), "eve@else.example": (True, 1)}
