"""Trusted issuers over the administration API."""

from __future__ import annotations

from opencasb.model.roles import Role
from tests.api.admin.conftest import House
from tests.identity.trust.directory import APP, DIRECTORY, GROUP, Directory

PATH = "trusted-issuers"
GIVEN = {"issuer": DIRECTORY, "audiences": [APP], "role_mapping": [f"group:{GROUP}=security-reader"]}


def test_an_issuer_is_put_shown_and_removed(house: House) -> None:
    """A second put replaces everything; omitted values are the defaults."""
    made = house.ok("POST", PATH, {**GIVEN, "keys": Directory().jwks()})
    assert (made["role_mapping"], made["pinned_keys"], made["private_addresses"]) == (
        GIVEN["role_mapping"],
        True,
        False,
    )
    changed = house.ok("POST", PATH, {"issuer": DIRECTORY, "audiences": [APP], "directory_roles": True})
    assert changed == made | {"role_mapping": [], "pinned_keys": False, "directory_roles": True}
    assert house.ok("GET", f"{PATH}/{DIRECTORY.upper()}") == changed
    assert house.ok("GET", PATH) == {"trusted_issuers": [changed]}
    assert house.ok("DELETE", f"{PATH}/{DIRECTORY}") == {}
    assert house.refusal(404, "DELETE", f"{PATH}/{DIRECTORY}") == "Not found."
    assert house.refusal(404, "GET", f"{PATH}/nothing") == "Not found."


def test_global_administrators_decide_each_for_their_tenant(house: House) -> None:
    """Others with full access can see it; another tenant sees nothing, and cannot trust the same directory."""
    house.ok("POST", PATH, GIVEN)
    other = house.token(Role.SECURITY_ADMINISTRATOR)
    assert house.ok("GET", PATH, token=other)["trusted_issuers"]
    assert "global administrator" in house.refusal(403, "POST", PATH, GIVEN, token=other)
    assert "global administrator" in house.refusal(403, "DELETE", f"{PATH}/{DIRECTORY}", token=other)
    foreign = house.token(tenant_id=house.fabrikam.tenant_id)
    assert house.ok("GET", PATH, token=foreign) == {"trusted_issuers": []}
    assert house.refusal(404, "GET", f"{PATH}/{DIRECTORY}", token=foreign) == "Not found."
    assert "another tenant" in house.refusal(400, "POST", PATH, GIVEN, token=foreign)


def test_what_is_wrong_is_named(house: House) -> None:
    """In one sentence."""
    assert house.refusal(400, "POST", PATH) == "issuer: this parameter is required"
    assert "audiences" in house.refusal(400, "POST", PATH, {"issuer": DIRECTORY})
    assert "authority '10.0.0.1:8443' must have a public host name" in house.refusal(
        400, "POST", PATH, {**GIVEN, "authority": "10.0.0.1:8443"}
    )
    assert "keys" in house.refusal(400, "POST", PATH, {**GIVEN, "keys": [1]})
    assert "keys" in house.refusal(400, "POST", PATH, {**GIVEN, "keys": {"keys": [1]}})
    assert "tenant of this server" in house.refusal(400, "POST", PATH, {**GIVEN, "issuer": house.fabrikam.guid})
