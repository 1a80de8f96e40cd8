"""API tokens."""

from __future__ import annotations

from opencasb.model.roles import Role
from tests.api.admin.conftest import House


def test_a_token_is_shown_once_works_and_is_revoked(house: House) -> None:
    """It belongs to its creator; everybody's tokens are listed and can be revoked."""
    made = house.ok("POST", "api-tokens", {"name": " ci "})
    assert made["name"] == "ci"
    assert house.call("GET", "roles", token=made["token"]).status_code == 200
    listed = house.ok("GET", "api-tokens", token=house.token(Role.SECURITY_ADMINISTRATOR))["api_tokens"]
    assert made["token"] not in str(listed)
    assert {each["name"] for each in listed} == {"ci", "test"}
    assert next(each["state"] for each in listed if each["id"] == made["id"]) == "Active"
    assert house.ok("DELETE", f"api-tokens/{made['id']}") == {}
    assert house.refusal(404, "DELETE", f"api-tokens/{made['id']}") == "Not found."
    assert house.call("GET", "roles", token=made["token"]).status_code == 401


def test_a_name_is_needed(house: House) -> None:
    """It has at most 256 characters."""
    assert house.refusal(400, "POST", "api-tokens") == "name: this parameter is required"
    assert house.refusal(400, "POST", "api-tokens", {"name": "x" * 257}).startswith("name: ")
