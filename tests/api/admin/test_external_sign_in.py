"""The external provider over the administration API."""

from __future__ import annotations

from opencasb.model.roles import Role
from tests.api.admin.conftest import House

PATH = "external-sign-in"
GIVEN = {"issuer": "https://id.example", "client_id": "x", "client_secret": "s3cret", "name_claim": "email"}


def test_a_provider_is_put_shown_and_removed(house: House) -> None:
    """Its secret is never shown."""
    assert house.refusal(404, "GET", PATH) == "Not found."
    made = house.ok("POST", PATH, GIVEN)
    assert made["redirect_uri"].endswith(f"/{house.contoso.guid}/login/callback")
    assert "s3cret" not in str(made)
    assert made["private_addresses"] is False
    assert house.ok("GET", PATH) == made
    assert house.refusal(404, "GET", PATH, token=house.token(tenant_id=house.fabrikam.tenant_id)) == "Not found."
    assert house.ok("DELETE", PATH) == {}
    assert house.refusal(404, "DELETE", PATH) == "Not found."


def test_global_administrators_decide(house: House) -> None:
    """Others with full access can see it."""
    house.ok("POST", PATH, GIVEN)
    other = house.token(Role.SECURITY_ADMINISTRATOR)
    assert house.ok("GET", PATH, token=other)["client_id"] == "x"
    assert "global administrator" in house.refusal(403, "POST", PATH, GIVEN, token=other)
    assert "global administrator" in house.refusal(403, "DELETE", PATH, token=other)


def test_what_is_wrong_is_named(house: House) -> None:
    """In one sentence."""
    assert house.refusal(400, "POST", PATH) == "issuer: this parameter is required"
    assert "issuer" in house.refusal(400, "POST", PATH, {**GIVEN, "issuer": "http://id.example"})
    assert "client_secret" in house.refusal(400, "POST", PATH, {**GIVEN, "client_secret": 5})
    assert "issuer 'https://10.0.0.1/x' must have a public host name" in house.refusal(
        400, "POST", PATH, {**GIVEN, "issuer": "https://10.0.0.1/x"}
    )
    assert "nobody" in house.refusal(400, "POST", PATH, {**GIVEN, "links": ["sub:1=nobody"]})
