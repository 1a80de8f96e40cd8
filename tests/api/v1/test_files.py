"""Files over HTTP, on both engines (api §10)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.activities.entity_columns import record as entity_record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.file_columns import record
from opencasb.activities.file_wire import file_from
from opencasb.activities.people import ScannedEntities
from opencasb.filters.fields import FILES
from opencasb.model.roles import Role
from opencasb.store.database import Database
from tests.api.v1.conftest import Client
from tests.api.v1.engines import client_of
from tests.conftest import NOW
from tests.filters.test_parse import json as any_json
from tests.filters.test_parse import operators

PATH = "files/"
GUID = "3b0f4c3e-0000-4000-8000-0000000000aa"
ANA, BEN, EVE = "ana@example.org", "ben@example.org", "eve@else.example"
PLAN = {
    "id": "site-1|unique-1",
    "_id": "66AC00000000000000000001",
    "app": "sharepoint",
    "name": "Malware-Virus Plan.xlsx",
    "size": 40960,
    "owner": ANA,
    "ownerOrgUnit": "Research/Lab",
    "created": NOW - 9000,
    "modified": NOW - 1000,
    "parentId": "folder-1",
    "collaborators": [
        {"id": BEN, "accessLevel": 1},
        {"id": EVE, "accessLevel": 2},
        {"id": "g-1", "name": "Team", "type": "group"},
    ],
    "labels": ["label-1"],
    "scanLabels": ["Azure RMS encrypted file"],
    "policies": ["66b000000000000000000001"],
}
NOTES = {"id": "n", "app": "box", "instanceId": 7, "name": "notes.TXT", "modified": NOW - 2000, "quarantined": True}
FOLDER = {"id": "folder-1", "app": "sharepoint", "name": "Plans", "isFolder": True, "modified": NOW - 3000}
TRASH = {"id": "t", "app": "box", "name": "old.png", "status": "trashed", "modified": NOW - 4000, "sharing": "public"}
GONE = {
    "id": "g",
    "app": "box",
    "name": "gone.pptx",
    "status": 2,
    "modified": NOW - 5000,
    "owner": GUID,
    "ownerId": GUID,
}

FILTERS: Final[list[tuple[dict[str, Any], list[str]]]] = [
    ({}, ["Malware-Virus Plan.xlsx", "notes.TXT", "Plans", "old.png"]),
    ({"service": {"eq": [10489]}}, ["notes.TXT", "old.png"]),
    ({"service": {"eq": [11161]}}, ["Malware-Virus Plan.xlsx", "Plans"]),
    ({"service": {"eq": [20892]}}, ["Malware-Virus Plan.xlsx", "Plans"]),
    ({"service": {"neq": ["11161"]}}, ["notes.TXT", "old.png"]),
    ({"instance": {"eq": [7]}}, ["notes.TXT"]),
    ({"fileType": {"eq": [2, "6"]}}, ["Malware-Virus Plan.xlsx", "Plans"]),
    ({"fileType": {"eq": 5}}, ["old.png"]),
    ({"fileType": {"eq": ["Spreadsheet", "FOLDER"]}}, ["Malware-Virus Plan.xlsx", "Plans"]),
    ({"allowDeleted": {"eq": True}, "service": {"eq": 10489}}, ["notes.TXT", "old.png", "gone.pptx"]),
    ({"allowDeleted": {"eq": False}, "service": {"eq": 10489}}, ["notes.TXT", "old.png"]),
    ({"trashed": {"eq": True}}, ["old.png"]),
    ({"trashed": {"eq": False}, "service": {"eq": 10489}}, ["notes.TXT"]),
    ({"policy": {"cabinetmatchedrulesequals": ["66b000000000000000000001"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"filename": {"eq": "MALWARE-VIRUS PLAN.XLSX"}}, ["Malware-Virus Plan.xlsx"]),
    ({"filename": {"text": "virus notes"}}, ["Malware-Virus Plan.xlsx", "notes.TXT"]),
    ({"filename": {"text": "vir"}}, []),
    ({"modifiedDate": {"gte": NOW - 2000}}, ["Malware-Virus Plan.xlsx", "notes.TXT"]),
    ({"createdDate": {"lte": NOW}}, ["Malware-Virus Plan.xlsx"]),
    ({"collaborators.entity": {"eq": [{"id": EVE, "inst": 0}]}}, ["Malware-Virus Plan.xlsx"]),
    ({"collaborators.users": {"eq": [BEN.upper()]}}, ["Malware-Virus Plan.xlsx"]),
    ({"collaborators.domains": {"eq": ["else.example"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"collaborators.withDomain": {"deq": ["example.org"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"collaborators.withDomain": {"deq": ["example.org", "else.example"]}}, []),
    ({"collaborators.groups": {"eq": ["g-1"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"owner.entity": {"eq": [{"id": ANA, "saas": 11161, "inst": 0}]}}, ["Malware-Virus Plan.xlsx"]),
    ({"owner.entity": {"eq": [{"id": GUID, "saas": 11161, "inst": 0}]}}, ["Malware-Virus Plan.xlsx"]),
    ({"owner.username": {"eq": [ANA]}}, ["Malware-Virus Plan.xlsx"]),
    ({"owner.orgUnit": {"eq": ["research/lab"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"sharing": {"eq": [2, 3]}}, ["Malware-Virus Plan.xlsx", "old.png"]),
    ({"sharing": {"eq": ["External", "public"]}}, ["Malware-Virus Plan.xlsx", "old.png"]),
    ({"sharing": {"eq": "Public (Internet)"}}, []),
    ({"sharing": {"neq": ["External", 3]}, "folder": {"eq": False}}, ["notes.TXT"]),
    ({"fileId": {"eq": ["site-1|unique-1"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"fileId": {"eq": ["66ac00000000000000000001"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"fileLabels": {"eq": ["label-1"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"fileScanLabels": {"eq": ["^Azure RMS encrypted file"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"extension": {"eq": ["txt"]}}, []),
    ({"extension": {"eq": ["TXT"]}}, ["notes.TXT"]),
    ({"mimeType": {"eq": "text/plain"}}, ["notes.TXT"]),
    ({"parentFolder": {"eq": ["folder-1"]}}, ["Malware-Virus Plan.xlsx"]),
    ({"folder": {"eq": True}}, ["Plans"]),
    ({"quarantined": {"eq": True}}, ["notes.TXT"]),
    ({"snapshotLastModifiedDate": {"gte": NOW - 1000}}, ["Malware-Virus Plan.xlsx"]),
]


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[Client]:
    """A client of a tenant with five files, one of them deleted, and the account of an owner."""
    made = client_of(database, tmp_path)
    casb, tenant = made.casb, made.known.tenant_id
    casb.files.put(tenant, [record(file_from(each, tenant, NOW)) for each in (PLAN, NOTES, FOLDER, TRASH, GONE)])
    owner = entities_from({"id": GUID, "appId": 11161, "email": ANA}, tenant, NOW)
    ScannedEntities(casb.database, casb.clock).put(tenant, [entity_record(owner)])
    yield made
    made.close()


def names(client: Client, filters: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Return the names on a page."""
    return [each["name"] for each in client.post(PATH, {"filters": filters, **more})["data"]]


def test_filters_narrow(client: Client) -> None:
    """Every filter of api §10.4, last changed first; deleted files are hidden by default."""
    for filters, expected in FILTERS:
        assert (filters, names(client, filters)) == (filters, expected)


def test_a_record_has_every_documented_key(client: Client) -> None:
    """Numbers and their names agree, and sharing is given in every form (api §10.2)."""
    plan = client.post(PATH)["data"][0]
    assert (plan["fileType"], plan["ftype"]) == ([2, "SPREADSHEET"], 2)
    assert (plan["fileAccessLevel"], plan["facl"]) == ([2, "EXTERNAL"], 2)
    assert (plan["fileStatus"], plan["fstat"]) == ([0, "EXISTS"], 0)
    assert (plan["emails"], plan["domains"]) == ([BEN, EVE], ["example.org", "else.example"])
    assert (plan["groups"], plan["groupIds"], plan["externalShares"]) == (["Team"], ["g-1"], [EVE])
    assert (plan["timestamp"], plan["modifiedDate"], plan["createdDate"]) == (NOW - 1000, NOW - 1000, NOW - 9000)
    assert (plan["_tid"], plan["appName"]) == (client.known.tenant_id, "Microsoft SharePoint Online")


def test_lists_are_paged_and_sorted(client: Client) -> None:
    """By change or creation, in both directions; an empty POST returns the cap (api §4, quirk 11)."""
    assert client.call("POST", PATH, content=b"null").json()["max"] == 100
    page = client.get(f"{PATH}?limit=1&skip=1&sortField=modifiedDate&sortDirection=asc")
    assert ([each["name"] for each in page["data"]], page["total"], page["hasNext"]) == (["Plans"], 4, True)
    assert names(client, sortField="createdDate")[0] == "Malware-Virus Plan.xlsx"


def test_one_is_fetched_by_record_or_app_id(client: Client) -> None:
    """The fetched record also has the name of its type (api §10.2)."""
    listed = client.post(PATH)["data"][0]
    expected = {**listed, "fileTypeDisplay": "Spreadsheet"}
    for text in (listed["_id"], listed["_id"].upper(), quote("site-1|unique-1"), "66ac00000000000000000001"):
        assert client.get(f"{PATH}{text}/") == client.post(f"{PATH}{text}") == expected
    for text in ("x", "%00", "f" * 24, "x" * 3000):
        assert client.call("GET", f"{PATH}{text}/").status_code == 404


def test_files_are_for_investigators_of_the_tenant(client: Client) -> None:
    """Readers can see them, discovery administrators cannot, and other tenants have their own."""
    assert client.get(PATH, role=Role.SECURITY_READER)["total"] == 4
    assert client.call("GET", PATH, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN).status_code == 403
    assert client.get(PATH, by=client.known.stranger)["total"] == 0


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.dictionaries(st.sampled_from([*FILES, "scanCursor"]), any_json | operators, max_size=3), st.text(max_size=9))
def test_any_filters_and_keys_are_answered(client: Client, filters: dict[str, Any], text: str) -> None:
    """Hostile input is refused or finds nothing."""
    answer = client.call("POST", PATH, content=json.dumps({"filters": filters}).encode())
    assert answer.status_code in {200, 400}
    assert client.call("GET", f"{PATH}{quote(text.encode('utf-8', 'replace'), safe='')}/").status_code in {200, 404}
