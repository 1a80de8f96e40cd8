"""Built-in reports over HTTP, on both databases (api §15)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opencasb.activities.entity_columns import entities_from
from opencasb.activities.entity_columns import record as entity_record
from opencasb.activities.file_columns import file_from
from opencasb.activities.file_columns import record as file_record
from opencasb.api.v1.built_in_reports import REPORTS
from opencasb.model.roles import Role
from opencasb.store.database import Database
from tests.api.v1.conftest import Client
from tests.api.v1.engines import client_of
from tests.conftest import NOW

DAY = 86_400_000
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[Client]:
    """A tenant with activities, accounts and files."""
    made = client_of(database, tmp_path)
    casb, tenant = made.casb, made.known.tenant_id
    casb.own_domains.add(tenant, "example.org")

    def did(at: int, **more: Any) -> dict[str, Any]:
        given = {
            "id": f"a{at}",
            "timestamp": NOW - at,
            "app": "okta",
            "rawOperation": "x",
            "eventTypeName": "EVENT_CATEGORY_LOGIN",
        }
        return {**given, **more}

    activities = [
        did(1, user="ana@example.org", country="PT", userAgent=CHROME),
        did(2, user="ben@example.org", country="PT", userAgent=CHROME),
        did(3, user="ana@example.org", country="DE"),
        did(31 * DAY, user="eve@else.example", country="JP"),
    ]
    read = casb.ingest._read_activity(tenant, NOW)
    casb.activities.add(tenant, [read(each) for each in activities])
    people = [
        {"id": "old", "appId": 10489, "lastSeen": NOW - 61 * DAY, "status": "active"},
        {"id": "gone", "appId": 10489, "lastSeen": NOW - 61 * DAY, "status": "deleted"},
        {"id": "boss", "appId": 10489, "lastSeen": NOW, "isAdmin": True},
        {"id": "new", "appId": 10489},
    ]
    casb.entities.put(tenant, [entity_record(entities_from(each, tenant, NOW)) for each in people])
    shared = [{"id": "x@else.example", "accessLevel": 2}, {"id": "y@eu.example.org", "accessLevel": 1}]
    files: list[dict[str, Any]] = [
        {"id": "1", "name": "a.PDF", "owner": "ana@example.org", "collaborators": shared},
        {"id": "2", "name": "b.pdf", "owner": "ana@example.org", "sharing": "public"},
        {"id": "3", "name": "c.txt", "owner": "ben@example.org"},
        {"id": "4", "name": "d.txt", "status": "deleted"},
        {"id": "5", "name": "folder", "isFolder": True},
    ]
    casb.files.put(tenant, [file_record(file_from({"appId": 10489, **each}, tenant, NOW)) for each in files])
    yield made
    made.close()


def rows(client: Client, code: str) -> list[Any]:
    """Return the identifiers of a report's rows with the numbers in them."""
    found = client.get(f"/api/reports/{code}/")["data"]
    return [
        (row["unique_identifier"], *(value for value in row["record_data"].values() if type(value) is int))
        for row in found
    ]


def test_each_report_counts_what_is_stored(client: Client) -> None:
    """The most frequent first; activities of 30 days, files that are there, accounts that are not deleted."""
    assert rows(client, "geolocation_summary") == [("PT", 2, 2), ("DE", 1, 1)]
    assert rows(client, "browser_usage") == [("CHROME", 2), ("", 1)]
    assert rows(client, "os_usage") == [("Windows 10", 2), ("", 1)]
    assert rows(client, "app_summary") == [("10980", 10980, 3, 2)]
    assert rows(client, "files_summary") == [("PRIVATE", 1), ("EXTERNAL", 1), ("PUBLIC", 1)]
    assert rows(client, "file_extensions") == [("pdf", 2), ("txt", 1)]
    assert rows(client, "external_domains") == [("else.example", 1)]
    assert rows(client, "shared_files_owners") == [("ana@example.org", 2)]
    names = {
        code: [row["record_data"]["displayName"] for row in client.get(f"reports/{code}")["data"]]
        for code in ("zombie_users", "admins")
    }
    assert names == {"zombie_users": ["old"], "admins": ["boss"]}


def test_the_list_names_every_report_that_can_be_read(client: Client) -> None:
    """By code and by id, both ways of asking; another tenant has the same with nothing in them."""
    found = client.get("/api/reports/")
    assert found == client.post("reports/", {"skip": 0, "limit": 100})
    assert {each["non_entities_report"] for each in found["data"]} == set(REPORTS)
    for each in found["data"]:
        content = client.post(f"reports/{each['non_entities_report']}")
        assert client.get(f"reports/{each['_id']}/") == content
        assert 0 < content["total"] == len(content["data"])
        headers = {"Authorization": f"Token {client.known.other_token}"}
        assert client.call("GET", f"reports/{each['_id']}/", role=None, headers=headers).json()["data"] == []


def test_reports_need_their_rights(client: Client) -> None:
    """Those of investigation; what cannot be answered is not found, and a report of records that a role may not see."""
    assert client.call("GET", "reports/", role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN).status_code == 403
    for name in ("logins_rate", "f" * 24, "\0"):
        assert client.call("GET", f"reports/{name}/".replace("\0", "%00")).status_code == 404
    casb, tenant = client.casb, client.known.tenant_id
    user = casb.users.create(tenant, "bi@contoso.example", Role.POWER_BI_ADMINISTRATOR)
    token = casb.identity.credentials.new_api_token(tenant, user.user_id, "bi").value
    headers = {"Authorization": f"Token {token}"}
    seen = client.call("GET", "reports/", role=None, headers=headers).json()["data"]
    assert {each["report_category"] for each in seen} == {"Data Management"}
    assert client.call("GET", "reports/admins/", role=None, headers=headers).status_code == 404
