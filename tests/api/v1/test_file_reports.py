"""Built-in reports on files at risk over HTTP, on both engines (api §15)."""

from __future__ import annotations

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.report_records import client

__all__ = ["client"]  # a fixture


def test_files_of_suspended_accounts_are_orphans(client: Client) -> None:
    """In any spelling of the owner's address; deleted files are not included."""
    (row,) = client.get("reports/orphan_files")["data"]
    assert row["unique_identifier"] == "sue@example.org|0|10489"
    found = row["record_data"]
    assert (found["email"], found["files"], found["status"]) == ("sue@example.org", 2, 3)


def test_personal_accounts_are_paired_with_people_of_the_organisation(client: Client) -> None:
    """By address or name; an account of an external user, or of no one, has no corporate user."""
    found = [tuple(row["record_data"].values()) for row in client.get("reports/personal_users")["data"]]
    assert found == [
        ("ana.silva@gmx.net", "a.silva@example.org", 1),
        ("dan.roe@gmail.com", None, 1),
        ("ito_kim99@gmail.com", "kim@example.org", 1),
    ]
    client.casb.own_domains.add(client.known.tenant_id, "gmx.net")
    assert len(client.get("reports/personal_users")["data"]) == 2


def test_telling_names_of_shared_files_are_listed(client: Client) -> None:
    """With the meaning of the name; files that are not shared externally, or have ordinary names, are not listed."""
    (row,) = client.get("reports/file_name_dlp")["data"]
    found = row["record_data"]
    assert (found["name"], found["categories"], found["fileAccessLevel"]) == (
        "Salary_2025.xlsx",
        ["Human resources"],
        "EXTERNAL",
    )
    assert (found["owner"], found["appName"]) == ("sue@example.org", "Box")


def test_what_tells_of_accounts_needs_the_rights_to_them(client: Client) -> None:
    """A caller who may see files but no accounts only gets the report on names."""
    analyst = client.person(Role.POWER_BI_ADMINISTRATOR)
    status = {
        code: client.call("GET", f"reports/{code}/", by=analyst).status_code
        for code in ("orphan_files", "personal_users", "file_name_dlp")
    }
    assert status == {"orphan_files": 404, "personal_users": 404, "file_name_dlp": 200}
