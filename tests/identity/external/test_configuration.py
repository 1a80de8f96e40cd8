"""Configuration of a provider."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.identity.external.configuration import CLIENT_SECRET, LABEL, MOST_LINKS, GivenProvider, configured, record
from opencasb.identity.vault import Vault
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.identity.standin import StandIn


def test_a_secret_is_kept_sealed_and_never_told(casb: StandIn, tenant: Tenant) -> None:
    """The database alone does not reveal it."""
    user = casb.users.create(tenant.tenant_id, "ann@contoso.example", Role.SECURITY_READER)
    given = GivenProvider("https://id.example", "x", "s3cret", links=["sub:1=Ann@contoso.example"])
    made = configured(tenant.tenant_id, given, casb.users, casb.identity.vault)
    assert b"s3cret" not in made.sealed_secret
    assert casb.identity.vault.open(made.sealed_secret, CLIENT_SECRET) == b"s3cret"
    assert Vault(casb.data / "other").open(made.sealed_secret, CLIENT_SECRET) is None
    assert record(made, "https://localhost:8443/x") == {
        "issuer": "https://id.example",
        "client_id": "x",
        "redirect_uri": "https://localhost:8443/x",
        "label": LABEL,
        "name_claim": "",
        "links": [f"sub:1={user.user_id}"],
        "private_addresses": False,
        "created": 0,
    }


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"issuer": "http://id.example"}, "issuer"),
        ({"issuer": "https://"}, "issuer"),
        ({"issuer": "https://a@id.example"}, "issuer"),
        ({"issuer": "https://id.example/?x"}, "issuer"),
        ({"issuer": "https://[/"}, "issuer"),
        ({"issuer": "https://id.example/\n"}, "issuer"),
        ({"client_id": ""}, "client_id"),
        ({"client_secret": "a\nb"}, "client_secret"),
        ({"label": "x" * 61}, "label"),
        ({"name_claim": "name"}, "name_claim"),
        ({"name_claim": ""}, "name_claim"),
        ({"links": ["sub:1=nobody"]}, "nobody"),
        ({"links": ["mail:1=ann@contoso.example"]}, "links"),
        ({"links": ["sub:=ann@contoso.example"]}, "links"),
        ({"links": ["x"] * (MOST_LINKS + 1)}, "links: at most"),
    ],
)
def test_what_is_wrong_is_named(casb: StandIn, tenant: Tenant, changed: dict[str, Any], named: str) -> None:
    """With what is allowed."""
    casb.users.create(tenant.tenant_id, "ann@contoso.example", Role.SECURITY_READER)
    facts = {"issuer": "https://id.example", "client_id": "x", "name_claim": "email", **changed}
    with pytest.raises(ValueError, match=named):
        configured(tenant.tenant_id, GivenProvider(**facts), casb.users, casb.identity.vault)
