"""Applications and their secrets."""

from __future__ import annotations

from urllib.parse import urlencode

from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.model.permissions import MDCA
from tests.api.admin.conftest import House


def _code(house: House, client_id: str, secret: str) -> int:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    body = urlencode({**form, "scope": f"{MDCA.app_id}/.default"}).encode()
    try:
        house.casb.identity.token_endpoint.answer(TokenRequest(house.contoso.guid, 2, body))
    except OAuthError as refusal:
        return refusal.code
    return 0


def test_a_life_of_an_application(house: House) -> None:
    """Registered, changed, disabled, deleted; each change is audited with its author."""
    made = house.call("POST", "applications", {"name": " script ", "public_client": True})
    client_id = made.json()["client_id"]
    assert (made.status_code, made.json()["name"], made.json()["permissions"]) == (201, "script", [])
    [listed] = house.ok("GET", "applications")["applications"]
    assert (listed["client_id"], listed["public_client"], listed["multitenant"]) == (client_id, True, False)
    changes = {"name": "tool", "public_client": False, "multitenant": True, "enabled": False}
    changed = house.ok("PATCH", f"applications/{client_id.upper()}", changes)
    assert {name: changed[name] for name in changes} == changes
    assert house.ok("PATCH", f"applications/{client_id}", {"enabled": True})["name"] == "tool"
    assert house.ok("GET", f"applications/{client_id}")["enabled"] is True
    assert house.ok("DELETE", f"applications/{client_id}") == {}
    assert house.refusal(404, "GET", f"applications/{client_id}") == "Not found."
    entries = [each for each in house.ok("GET", "audit-log")["entries"] if each["target"] == client_id]
    verbs = ["delete", "enable", "disable", "change", "create"]
    assert sorted(each["action"] for each in entries) == sorted(f"app.{verb}" for verb in verbs)
    assert {each["actor"] for each in entries} == {f"global-administrator@{house.contoso.tenant_id}.example"}


def test_a_secret_is_shown_once_and_works(house: House) -> None:
    """Until it is removed; neither the application's record nor the log has it."""
    client_id = house.application()
    made = house.ok("POST", f"applications/{client_id}/secrets", {"description": "ci", "days": 30})
    assert _code(house, client_id, made["client_secret"]) == 0
    [kept] = house.ok("GET", f"applications/{client_id}")["secrets"]
    assert (kept["key_id"], kept["expires"], kept["description"]) == (made["key_id"], made["expires"], "ci")
    assert made["client_secret"] not in str(house.ok("GET", "audit-log"))
    path = f"applications/{client_id}/secrets/{made['key_id']}"
    assert house.ok("DELETE", path)["secrets"] == []
    assert house.refusal(404, "DELETE", path) == "Not found."
    assert _code(house, client_id, made["client_secret"]) == 7000215


def test_wrong_values_are_named(house: House) -> None:
    """Nothing is created."""
    assert house.refusal(400, "POST", "applications", {}) == "name: this parameter is required"
    assert house.refusal(400, "POST", "applications", {"name": "x", "multitenant": "maybe"}).startswith("multitenant: ")
    assert house.ok("GET", "applications") == {"applications": []}
    client_id = house.application()
    assert house.refusal(400, "POST", f"applications/{client_id}/secrets", {"days": 0}).startswith("days: ")
    for path in ("nothing", "%00", "0" * 36):
        assert house.refusal(404, "GET", f"applications/{path}") == "Not found."


def test_only_home_changes_what_is_homes(house: House) -> None:
    """A tenant that consented sets assignment and access, but gets no secret."""
    client_id, token = house.application(multitenant=True), house.token(tenant_id=house.fabrikam.tenant_id)
    house.ok("POST", f"applications/{client_id}/consent", token=token)
    path = f"applications/{client_id}"
    assert "only the home tenant" in house.refusal(400, "PATCH", path, {"name": "mine"}, token=token)
    assert "registered in another tenant" in house.refusal(400, "POST", f"{path}/secrets", token=token)
    changed = house.ok("PATCH", path, {"assignment_required": True, "enabled": False}, token=token)
    assert (changed["assignment_required"], changed["enabled"], changed["registered_here"]) == (True, False, False)
    assert house.ok("GET", path)["enabled"] is True
