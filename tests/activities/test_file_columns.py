"""Delivered files → wire records → records."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from opencasb.activities.file_columns import file_from, reach, record, with_sharing
from opencasb.activities.invalid import Invalid
from opencasb.store.files import FILES
from tests.activities.anything import damaged
from tests.conftest import NOW

TENANT = 81_000_001
ANA, BEN, EVE = "ana@example.org", "ben@example.org", "Eve@else.example"
FLAT: dict[str, Any] = {
    "id": "site|1",
    "app": "sharepoint",
    "name": "Plan_2025.final.XLSX",
    "size": "40960",
    "owner": ANA,
    "created": "2025-11-20T11:00:00Z",
    "modified": NOW - 1000,
    "parentId": "66AC00000000000000000009",
    "collaborators": [BEN, {"id": EVE, "accessLevel": 2}, {"id": "g-1", "name": "Team", "type": 2}],
    "labels": ["L1", {"id": "L2"}],
    "scanLabels": ["Corrupt file"],
    "policies": "p-1",
}
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
    """Every documented key is there; numbers and their names agree (api §10.2)."""
    plan = file_from(FLAT, TENANT, NOW)
    assert plan.keys() >= KEYS
    assert (plan["appId"], plan["saasId"], plan["appName"]) == (20892, 11161, "Microsoft SharePoint Online")
    assert (plan["fileExtension"], plan["fileType"], plan["ftype"]) == ("XLSX", [2, "SPREADSHEET"], 2)
    assert (plan["fileAccessLevel"], plan["facl"]) == ([2, "EXTERNAL"], 2)
    assert (plan["createdDate"], plan["modifiedDate"], plan["fileSize"]) == (NOW - 3_600_000, NOW - 1000, 40960)
    assert plan["snapshotLastModifiedDate"] == "2025-11-20T11:59:59.000Z"
    assert plan["emails"] == [BEN, EVE.lower()]
    assert (plan["groups"], plan["groupIds"], plan["externalShares"]) == (["Team"], ["g-1"], [EVE])
    assert [each["label"] for each in plan["display_collaborators"]] == [BEN, EVE, "Team"]


def test_a_wire_record_stays_as_it_is() -> None:
    """Completing twice changes nothing; ``_id`` follows from the file, another one is remembered."""
    plan = file_from(FLAT, TENANT, NOW)
    assert file_from(plan, TENANT, NOW + 5) == plan
    moved = file_from({**FLAT, "_id": "66AC00000000000000000001"}, TENANT, NOW)
    assert (moved["_id"], moved["originalId"]) == (plan["_id"], "66AC00000000000000000001")
    assert len({plan["_id"], made()["_id"], made(instanceId=1)["_id"], made(id="X")["_id"]}) == 4


def test_what_nobody_said_is_unknown() -> None:
    """Null or empty; a file is private, there, and changed when it was first heard of."""
    plain = made()
    assert (plain["name"], plain["ftype"], plain["facl"], plain["fstat"]) == ("x", 0, 0, 0)
    assert (plain["createdDate"], plain["modifiedDate"]) == (None, NOW)
    assert (plain["ownerAddress"], plain["ownerExternal"], plain["fileSize"]) == (None, None, None)
    assert made(created=5)["modifiedDate"] == 5
    assert made(isFolder=True)["fileType"] == [6, "FOLDER"]
    assert made(type="folder")["isFolder"] is True


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
    ],
)
def test_codes_have_many_spellings(key: str, value: Any, name: str, expected: Any) -> None:
    """Word, number or pair."""
    given_ = {"id": "x", key: value} if key == "saasId" else {"id": "x", "appId": 1, key: value}
    assert file_from(given_, TENANT, NOW)[name] == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": None}, "id: null is not valid; text of at most 500 characters is expected"),
        ({"appId": None}, "appId: null is not valid; the number of an app is expected"),
        ({"appId": None, "app": "nonsense"}, "app: nonsense is not valid"),
        ({"sharing": 9}, "sharing: 9 is not valid; allowed are 0 private, 1 internal"),
        ({"status": "lost"}, "status: lost is not valid; allowed are 0 exists"),
        ({"size": "big"}, "size: big is not valid; a whole number"),
        ({"modified": "soon"}, "modified: soon is not valid"),
        ({"collaborators": [{}]}, "collaborators: an object is not valid"),
        ({"name": "x" * 401}, "name: "),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    """Field, value, what is allowed."""
    with pytest.raises(Invalid) as caught:
        made(**changes)
    assert str(caught.value).startswith(said)


def test_sharing_reaches_as_far_as_the_farthest() -> None:
    """Whoever's reach nobody knows is inside; nobody at all is private."""
    assert reach([]) == 0
    assert reach([{"accessLevel": None}]) == 1
    assert reach([{"accessLevel": 1}, {"accessLevel": 2}]) == 2
    shared = with_sharing(made(), 3, {"domains": ["else.example"]})
    assert (shared["fileAccessLevel"], shared["domains"]) == ([3, "PUBLIC"], ["else.example"])


def test_a_record_has_its_columns() -> None:
    """Exactly those of the table; names in lower case, an extension as it is."""
    plan = record(file_from({**FLAT, "_id": "66AC00000000000000000001"}, TENANT, NOW))
    own = {"tenant_id", "record_id", "seq", "changed", "document"}
    assert set(plan.columns) == {column.name for column in FILES.table.c} - own
    assert (plan.columns["name"], plan.columns["extension"]) == ("plan_2025.final.xlsx", "XLSX")
    assert plan.columns["owner_entity"] == f"{ANA}|0|11161"
    assert plan.columns["parent_id"] == "66ac00000000000000000009"
    assert set(plan.values["ids"]) == {plan.record_id, "site|1", "66ac00000000000000000001"}
    assert set(plan.values["name_words"]) == {"plan", "2025", "final", "xlsx"}
    assert set(plan.values["collaborator_users"]) == {BEN, EVE.lower()}
    assert set(plan.values["collaborator_entities"]) == {f"{BEN}|0|11161", f"{EVE.lower()}|0|11161"}
    assert set(plan.values["groups"]) == {"g-1", "Team"}
    assert set(plan.values["labels"]) == {"L1", "L2"}


@given(damaged(FLAT) | damaged(file_from(FLAT, TENANT, NOW)))
def test_any_record_is_taken_or_refused(flat: dict[str, Any]) -> None:
    """What is taken is complete, and its record can be made."""
    try:
        whole = file_from(flat, TENANT, NOW)
    except Invalid:
        return
    assert whole.keys() >= KEYS
    assert record(whole).record_id == whole["_id"]
