"""Report credentials over the administration API."""

from __future__ import annotations

import pytest

from opencasb.model.roles import Role
from tests.api.admin.conftest import House
from tests.conftest import NOW

DAY = 86_400_000


def test_a_credential_is_shown_once_and_listed_without_its_secret(house: House) -> None:
    """It expires after a year by default; creation and revocation are audited."""
    made = house.ok("POST", "report-credentials", {"name": "Power BI"})
    users = house.ok("POST", "report-credentials", {"name": "SIEM", "days": 7, "user_data": True})
    assert made["secret"].startswith(made["hint"])
    assert (made["expires"], users["expires"]) == (NOW + 365 * DAY, NOW + 7 * DAY)
    listed = house.ok("GET", "report-credentials")["report_credentials"]
    assert {each["name"]: each["user_data"] for each in listed} == {"Power BI": False, "SIEM": True}
    assert made["secret"] not in house.call("GET", "report-credentials").text
    assert house.ok("DELETE", f"report-credentials/{made['id']}") == {}
    assert house.refusal(404, "DELETE", f"report-credentials/{made['id']}") == "Not found."
    entries = house.ok("GET", "audit-log")["entries"]
    actions = [(entry["action"], entry["target"]) for entry in entries if entry["action"].startswith("report_cred")]
    assert sorted(actions) == [
        ("report_credential.create", "Power BI"),
        ("report_credential.create", "SIEM"),
        ("report_credential.revoke", "Power BI"),
    ]
    assert made["secret"] not in house.call("GET", "audit-log").text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "name"),
        ({"name": "x", "days": 0}, "1 to 730 days, not 0"),
        ({"name": "x", "days": 731}, "1 to 730 days, not 731"),
        ({"name": "x", "user_data": "maybe"}, "user_data"),
    ],
)
def test_what_makes_no_credential_is_named(house: House, body: dict[str, object], words: str) -> None:
    """With what is allowed."""
    assert words in house.refusal(400, "POST", "report-credentials", body)


def test_credentials_belong_to_their_tenant(house: House) -> None:
    """Other tenants can neither see nor revoke them, and only administrators create them."""
    made = house.ok("POST", "report-credentials", {"name": "Power BI"})
    other = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", "report-credentials", token=other) == {"report_credentials": []}
    house.refusal(404, "DELETE", f"report-credentials/{made['id']}", token=other)
    house.refusal(403, "POST", "report-credentials", {"name": "x"}, token=house.token(Role.SECURITY_READER))
