"""An installation with records for every built-in report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opencasb.activities.entity_columns import record as entity_record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.file_columns import record as file_record
from opencasb.activities.file_wire import file_from
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
    """A client of a tenant with activities, accounts and files, once per engine."""
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
        did(1, user="ana@example.org", country="PT", userAgent=CHROME, ip="192.0.2.1", isAdmin=True),
        did(2, user="ben@example.org", country="PT", userAgent=CHROME, ip="192.0.2.1"),
        did(3, user="ana@example.org", country="DE", ip="192.0.2.2", eventTypeName="EVENT_CATEGORY_FAILED_LOGIN"),
        did(4, user="kim@example.org", country="PT", ip="198.51.100.7"),
        did(5, user="kim@example.org", country="PT", ip="198.51.100.8"),
        did(6, user="kim@example.org", country="PT", ip="198.51.100.8", eventTypeName="EVENT_CATEGORY_SHARE_FILE"),
        did(31 * DAY, user="eve@else.example", country="JP"),
    ]
    read = casb.ingest._read_activity(tenant, NOW, ())
    casb.activities.add(tenant, [read(each) for each in activities])
    people = [
        {"id": "old", "appId": 10489, "lastSeen": NOW - 61 * DAY, "status": "active"},
        {"id": "gone", "appId": 10489, "lastSeen": NOW - 61 * DAY, "status": "deleted"},
        {"id": "boss", "appId": 10489, "lastSeen": NOW, "isAdmin": True},
        {"id": "new", "appId": 10489},
        {"id": "sue@example.org", "appId": 10489, "status": "suspended"},
        {"id": "a.silva@example.org", "appId": 10489, "status": "active"},
        {"id": "k1", "email": "kim@example.org", "displayName": "Kim Ito", "appId": 10489, "status": "active"},
        {"id": "dan@else.example", "displayName": "Dan Roe", "appId": 10489, "isExternal": True},
    ]
    casb.entities.put(tenant, [entity_record(entities_from(each, tenant, NOW)) for each in people])
    shared = [{"id": "x@else.example", "accessLevel": 2}, {"id": "y@eu.example.org", "accessLevel": 1}]
    own = [{"id": each} for each in ("ito_kim99@gmail.com", "ana.silva@gmx.net", "dan.roe@gmail.com", "x@gmail.org")]
    files: list[dict[str, Any]] = [
        {"id": "1", "name": "a.PDF", "owner": "ana@example.org", "collaborators": shared},
        {"id": "2", "name": "b.pdf", "owner": "ana@example.org", "sharing": "public"},
        {"id": "3", "name": "c.txt", "owner": "ben@example.org"},
        {"id": "4", "name": "d.txt", "status": "deleted"},
        {"id": "5", "name": "folder", "isFolder": True},
        {"id": "6", "name": "Salary_2025.xlsx", "owner": "sue@example.org", "sharing": "external"},
        {"id": "7", "name": "passwords.txt", "owner": "SUE@example.org", "collaborators": own},
        {"id": "8", "name": "passwords.txt", "owner": "sue@example.org", "status": "deleted", "collaborators": own},
    ]
    casb.files.put(tenant, [file_record(file_from({"appId": 10489, **each}, tenant, NOW)) for each in files])
    yield made
    made.close()


def rows(client: Client, code: str) -> list[Any]:
    """Return the identifiers of a report's rows with their numbers."""
    found = client.get(f"/api/reports/{code}/")["data"]
    return [
        (row["unique_identifier"], *(value for value in row["record_data"].values() if type(value) is int))
        for row in found
    ]
