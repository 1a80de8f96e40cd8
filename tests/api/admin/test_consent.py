"""Consent and assignment."""

from __future__ import annotations

from opencasb.model.roles import Role
from tests.api.admin.conftest import House


def test_consent_grants_what_was_asked_and_is_taken_back(house: House) -> None:
    """Tenant-wide, or the delegated permissions for one user."""
    client_id = house.application()
    path = f"applications/{client_id}/consent"
    house.ok("POST", f"applications/{client_id}/permissions", {"permissions": ["discovery.read"]})
    house.ok("POST", f"applications/{client_id}/permissions", {"kind": "delegated", "permissions": ["settings.read"]})
    [user] = house.ok("GET", "users")["users"]
    record = house.ok("POST", path, {"user_id": user["id"]})
    own = {"user_id": user["id"], "resource": "mdca", "name": "settings.read"}
    assert (record["permissions"], record["delegated"]) == ([], [own])
    record = house.ok("POST", path)
    assert (record["permissions"], len(record["delegated"])) == (["discovery.read"], 2)
    assert len(house.ok("DELETE", path, params={"user_id": user["id"]})["delegated"]) == 1
    record = house.ok("DELETE", path)
    assert (record["permissions"], record["delegated"]) == ([], [])
    assert house.refusal(404, "POST", path, {"user_id": "nobody"}) == "Not found."


def test_only_a_global_administrator_consents(house: House) -> None:
    """Full access to the product does not suffice (identity §9)."""
    path = f"applications/{house.application()}/consent"
    for role in (Role.SECURITY_ADMINISTRATOR, Role.CLOUD_APP_SECURITY_ADMINISTRATOR):
        for method in ("POST", "DELETE"):
            assert "global administrator" in house.refusal(403, method, path, token=house.token(role))


def test_a_multitenant_application_enters_by_consent(house: House) -> None:
    """Any other is not found."""
    single, multi = house.application(), house.application(multitenant=True)
    token = house.token(tenant_id=house.fabrikam.tenant_id)
    for client_id in (single, "0" * 8 + "-0000-0000-0000-" + "0" * 12, "x"):
        assert house.refusal(404, "POST", f"applications/{client_id}/consent", token=token) == "Not found."
    house.ok("POST", f"applications/{multi}/consent", token=token)
    [known] = house.ok("GET", "applications", token=token)["applications"]
    assert (known["client_id"], known["registered_here"]) == (multi, False)


def test_users_are_assigned(house: House) -> None:
    """Someone who is not a user of the tenant cannot be assigned."""
    path = f"applications/{house.application()}/assignments"
    [user] = house.ok("GET", "users")["users"]
    assert house.ok("POST", path, {"user_id": user["id"]})["assigned"] == [user["id"]]
    assert house.ok("DELETE", f"{path}/{user['id']}")["assigned"] == []
    assert house.refusal(404, "DELETE", f"{path}/{user['id']}") == "Not found."
    assert house.refusal(400, "POST", path) == "user_id: this parameter is required"
    house.token(tenant_id=house.fabrikam.tenant_id)
    [stranger] = house.casb.users.all(house.fabrikam.tenant_id)
    assert house.refusal(404, "POST", path, {"user_id": stranger.user_id}) == "Not found."
