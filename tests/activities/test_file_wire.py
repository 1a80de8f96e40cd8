"""Conversion of delivered files to wire records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from opencasb.activities.file_columns import record
from opencasb.activities.file_wire import file_from
from opencasb.activities.invalid import Invalid
from tests.activities.anything import damaged
from tests.activities.file_example import BEN, EVE, FLAT, TENANT
from tests.conftest import NOW

KEYS = {
    *("_id", "_tid", "appId", "saasId", "instId", "appName", "id", "driveId", "parentId", "parentIds", "originalId"),
    *("effectiveParents", "name", "name_l", "fileExtension", "mimeType", "fileSize", "fileType", "ftype", "facl"),
    *("fileAccessLevel", "fileStatus", "fstat", "isFolder", "isForeign", "noGovernance", "enriched", "createdDate"),
    *("modifiedDate", "lastNrtTimestamp", "snapshotLastModifiedDate", "scanVersion", "unseenScans", "alternateLink"),
    *("ownerName", "ownerAddress", "ownerExternal", "collaborators", "display_collaborators", "emails", "domains"),
    *("groups", "groupIds", "externalShares", "filePath", "sitePath", "siteCollection", "siteCollectionId", "listId"),
    *("spDomain", "sharepointItem", "dlpScanResults", "fTags", "actions", "timestamp"),
}


def made(**changes: Any) -> dict[str, Any]:
    """Return the wire record of a file."""
    return file_from({"id": "x", "appId": 1, **changes}, TENANT, NOW)


def test_a_flat_record_becomes_a_wire_record() -> None:
    """Every documented key is present; numbers agree with their names (api §10.2)."""
    plan = file_from(FLAT, TENANT, NOW)
    assert plan.keys() >= KEYS
    assert (plan["appId"], plan["saasId"], plan["appName"]) == (20892, 20892, "Microsoft SharePoint Online")
    assert (plan["fileExtension"], plan["fileType"], plan["ftype"]) == ("XLSX", [2, "SPREADSHEET"], 2)
    assert (plan["fileAccessLevel"], plan["facl"]) == ([2, "EXTERNAL"], 2)
    assert (plan["createdDate"], plan["modifiedDate"], plan["fileSize"]) == (NOW - 3_600_000, NOW - 1000, 40960)
    assert plan["snapshotLastModifiedDate"] == "2025-11-20T11:59:59.000Z"
    assert plan["emails"] == [BEN, EVE.lower()]
    assert (plan["groups"], plan["groupIds"], plan["externalShares"]) == (["Team"], ["g-1"], [EVE])
    assert [each["label"] for each in plan["display_collaborators"]] == [BEN, EVE, "Team"]


def test_a_wire_record_stays_as_it_is() -> None:
    """Completing twice changes nothing; ``_id`` is derived from the file, a delivered one becomes ``originalId``."""
    plan = file_from(FLAT, TENANT, NOW)
    assert file_from(plan, TENANT, NOW + 5) == plan
    moved = file_from({**FLAT, "_id": "66AC00000000000000000001"}, TENANT, NOW)
    assert (moved["_id"], moved["originalId"]) == (plan["_id"], "66AC00000000000000000001")
    assert len({plan["_id"], made()["_id"], made(instanceId=1)["_id"], made(id="X")["_id"]}) == 4


def test_a_file_is_found_by_the_id_that_it_was_delivered_with() -> None:
    """Records of the upstream product have an older version's id in ``originalId``, besides ``_id`` (api §10.2)."""
    mine, older = "66ac00000000000000000001", "66ac00000000000000000002"
    later = made(_id=mine, originalId=older)
    assert mine in record(later).values["ids"]
    assert file_from(later, TENANT, NOW) == later
    assert made(originalId=older)["originalId"] == older


@pytest.mark.parametrize(("role", "kept"), [(1, 1), ("Reader", "Reader"), (None, ""), ("", "")])
def test_the_role_of_a_collaborator_is_a_number_or_a_name(role: Any, kept: Any) -> None:
    """The upstream product uses numbers."""
    shared = made(collaborators=[{"id": "g-1", "name": "Owners", "role": role, "accessLevel": 1, "type": 2}])
    assert [(type(each["role"]), each["role"]) for each in shared["collaborators"]] == [(type(kept), kept)]


def test_no_two_keys_differ_in_case_only() -> None:
    """Also inside what is kept as it came: some clients cannot parse such objects (api §18, 17)."""
    found = made(sharepointItem={"Author": {"Id": 1, "ID": 2}, "author": 3}, dlpScanResults=[{"a": 1, "A": 2}])
    assert (found["sharepointItem"], found["dlpScanResults"]) == ({"Author": {"Id": 1}}, [{"a": 1}])


def test_what_nobody_said_is_unknown() -> None:
    """Null or empty; by default a file is private, not deleted, and changed when first seen."""
    plain = made()
    assert (plain["name"], plain["ftype"], plain["facl"], plain["fstat"]) == ("x", 0, 0, 0)
    assert (plain["createdDate"], plain["modifiedDate"]) == (None, NOW)
    assert (plain["ownerAddress"], plain["ownerExternal"], plain["fileSize"]) == (None, None, None)
    assert made(created=5)["modifiedDate"] == 5
    assert made(isFolder=True)["fileType"] == [6, "FOLDER"]
    assert made(type="folder")["isFolder"] is True


def test_own_domains_tell_how_far_sharing_reaches() -> None:
    """A stated level takes precedence; for groups and names it is unknown."""
    people = [BEN, EVE, {"id": "7", "name": "guest@else.example"}, {"id": "g-1", "type": 2}, "Ana"]
    for own, level, levels in (({"example.org"}, 2, [1, 2, 2, None, None]), (set(), 1, [None] * 5)):
        found = file_from({"id": "x", "appId": 1, "collaborators": people}, TENANT, NOW, own)
        assert (found["facl"], [each["accessLevel"] for each in found["collaborators"]]) == (level, levels)
    said = [{"id": EVE, "accessLevel": 1}]
    assert file_from({"id": "x", "appId": 1, "collaborators": said}, TENANT, NOW, {"example.org"})["facl"] == 1


def test_own_domains_tell_whether_the_owner_is_external() -> None:
    """Unless the record says so itself."""
    for owner, said, expected in ((EVE, None, True), (BEN, None, False), ("Ana", None, None), (EVE, False, False)):
        given_ = {"id": "x", "appId": 1, "owner": owner, "ownerExternal": said}
        assert file_from(given_, TENANT, NOW, {"example.org"})["ownerExternal"] is expected
    assert file_from({"id": "x", "appId": 1, "owner": EVE}, TENANT, NOW)["ownerExternal"] is None


@pytest.mark.parametrize("spelled", ["eve_else.example#EXT#@contoso.example", "urn:spo:guest#eve@else.example"])
def test_a_guest_is_found_by_the_own_domain(spelled: str) -> None:
    """Not by that of the organisation that invited the guest (connectors §3.2)."""
    found = file_from({"id": "f-1", "appId": 20892, "collaborators": [spelled]}, TENANT, NOW)
    (guest,) = found["collaborators"]
    assert (guest["id"], guest["email"]) == (spelled, "eve@else.example")
    assert (found["emails"], found["domains"]) == (["eve@else.example"], ["else.example"])


def test_the_address_of_a_collaborator_tells_where_its_id_and_name_do_not() -> None:
    """A script prints it; sharing level, domains and filters use it."""
    people = [{"id": "41", "name": "Eve Kay", "email": "Eve@Else.example"}, {"id": BEN, "name": "Ben"}, {"id": "42"}]
    found = file_from({"id": "x", "appId": 1, "collaborators": people}, TENANT, NOW, {"example.org"})
    assert [each["email"] for each in found["collaborators"]] == ["Eve@Else.example", BEN, None]
    assert (found["facl"], found["emails"]) == (2, ["eve@else.example", BEN])
    values = record(found).values
    assert {"eve@else.example", "eve kay", "41"} <= set(values["collaborator_users"])
    assert set(values["domains"]) == {"else.example", "example.org"}


@pytest.mark.parametrize(
    ("key", "value", "name", "expected"),
    [
        ("sharing", "public_internet", "facl", 4),
        ("fileAccessLevel", [3, "PUBLIC"], "facl", 3),
        ("facl", 1, "facl", 1),
        ("status", "Trashed", "fstat", 1),
        ("fileStatus", [2, "DELETED"], "fstat", 2),
        ("type", "presentation", "ftype", 3),
        ("fileType", [5, "IMAGE"], "ftype", 5),
        ("mimeType", "image/x-odd", "ftype", 5),
        ("extension", ".TXT", "fileExtension", "TXT"),
        ("quarantined", "true", "isQuarantined", True),
        ("saasId", 38536, "appId", 38536),
        ("saasId", 15600, "saasId", 15600),
    ],
)
def test_codes_have_many_spellings(key: str, value: Any, name: str, expected: Any) -> None:
    """They may be a word, a number or a pair."""
    given_ = {"id": "x", key: value} if key == "saasId" else {"id": "x", "appId": 1, key: value}
    assert file_from(given_, TENANT, NOW)[name] == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": None}, "id: null is not valid; text of at most 500 characters is expected"),
        ({"appId": None}, "appId: null is not valid; the number of an app is expected"),
        ({"appId": None, "app": "nonsense"}, "app: nonsense is not valid"),
        ({"sharing": 9}, "sharing: 9 is not valid; allowed: 0 private, 1 internal"),
        ({"status": "lost"}, "status: lost is not valid; allowed: 0 exists"),
        ({"size": "big"}, "size: big is not valid; a whole number"),
        ({"modified": "soon"}, "modified: soon is not valid"),
        ({"collaborators": [{}]}, "collaborators: an object is not valid"),
        ({"url": "x" * 8193}, "url: "),
        ({"emails": ["x" * 1001]}, "emails: a list is not valid; texts of at most 1000 characters are expected"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    """The error has field, value and what is allowed."""
    with pytest.raises(Invalid) as caught:
        made(**changes)
    assert str(caught.value).startswith(said)


def test_what_is_long_loses_no_file() -> None:
    """Links and paths are kept in full, names are cut; a thousand collaborators are kept, but all count."""
    link = f"https://contoso.sharepoint.example/{'a' * 2000}"
    long = made(url=link, path=link, sitePath=link, name=f"{'n' * 500}.xlsx", ownerName="o" * 2000, emails=["e"] * 1500)
    assert (long["alternateLink"], long["filePath"], long["sitePath"]) == (link, link, link)
    assert (len(long["name"]), long["fileExtension"], long["ftype"], len(long["ownerName"])) == (400, "xlsx", 2, 400)
    people = [f"p{number}@example.org" for number in range(1000)]
    shared = made(collaborators=[*people, {"id": "eve@else.example", "accessLevel": 2}])
    assert [len(shared[name]) for name in ("collaborators", "display_collaborators", "emails")] == [1000] * 3
    assert (shared["facl"], shared["domains"]) == (2, ["example.org", "else.example"])
    assert record(long).record_id == long["_id"]


@given(damaged(FLAT) | damaged(file_from(FLAT, TENANT, NOW)))
def test_any_record_is_taken_or_refused(flat: dict[str, Any]) -> None:
    """An accepted record is complete and can be stored."""
    try:
        whole = file_from(flat, TENANT, NOW)
    except Invalid:
        return
    assert whole.keys() >= KEYS
    assert record(whole).record_id == whole["_id"]
