"""Built-in reports over HTTP, on both engines (api §15)."""

from __future__ import annotations

from opencasb.api.v1.built_in_reports import REPORTS
from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.report_records import client, rows

__all__ = ["client"]  # a fixture


def test_each_report_counts_what_is_stored(client: Client) -> None:
    """Most frequent first; activities of 30 days, existing files, accounts that are not deleted."""
    assert rows(client, "geolocation_summary") == [("PT", 5, 3), ("DE", 1, 1)]
    assert rows(client, "browser_usage") == [("", 4), ("CHROME", 2)]
    assert rows(client, "os_usage") == [("", 4), ("Windows 10", 2)]
    assert rows(client, "app_summary") == [("10980", 10980, 6, 3)]
    assert rows(client, "files_summary") == [("EXTERNAL", 2), ("PRIVATE", 1), ("INTERNAL", 1), ("PUBLIC", 1)]
    assert rows(client, "file_extensions") == [("pdf", 2), ("txt", 2), ("xlsx", 1)]
    assert rows(client, "external_domains") == [("else.example", 1)]
    assert rows(client, "shared_files_owners") == [("ana@example.org", 2), ("sue@example.org", 1)]
    names = {
        code: [row["record_data"]["displayName"] for row in client.get(f"reports/{code}")["data"]]
        for code in ("zombie_users", "admins")
    }
    assert names == {"zombie_users": ["old"], "admins": ["boss"]}


def test_the_list_names_every_report_that_can_be_read(client: Client) -> None:
    """By code and by id, with both methods; another tenant has the same ones, empty."""
    found = client.get("/api/reports/")
    assert found == client.post("reports/", {"skip": 0, "limit": 100})
    assert {each["non_entities_report"] for each in found["data"]} == set(REPORTS)
    for each in found["data"]:
        content = client.post(f"reports/{each['non_entities_report']}")
        assert client.get(f"reports/{each['_id']}/") == content
        assert 0 < content["total"] == len(content["data"])
        assert client.call("GET", f"reports/{each['_id']}/", by=client.known.stranger).json()["data"] == []


def test_reports_need_their_rights(client: Client) -> None:
    """Investigation permissions; unsupported reports, and those on records that a role may not see, are not found."""
    assert client.call("GET", "reports/", role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN).status_code == 403
    for name in ("sf_permissions", "f" * 24, "\0"):
        assert client.call("GET", f"reports/{name}/".replace("\0", "%00")).status_code == 404
    analyst = client.person(Role.POWER_BI_ADMINISTRATOR)
    seen = client.call("GET", "reports/", by=analyst).json()["data"]
    assert {each["report_category"] for each in seen} == {"Data Management"}
    assert client.call("GET", "reports/admins/", by=analyst).status_code == 404
