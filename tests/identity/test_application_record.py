"""A tenant's view of an application."""

from __future__ import annotations

from pathlib import Path

from opencasb.identity.application_record import full_record, short_record
from tests.identity.standin import HandClock, open_standin


def test_only_home_sees_credentials_and_redirects(tmp_path: Path) -> None:
    """No tenant sees digests; requested permissions are visible wherever consent is given."""
    with open_standin(tmp_path, HandClock()) as casb:
        home, other = casb.tenants.create("Contoso"), casb.tenants.create("Fabrikam")
        made, secret = casb.application(home, "discovery.read")
        casb.identity.registrations.add_redirect(made, "web", "https://a.example/", by="x")
        casb.identity.applications.change(home.tenant_id, made.client_id, multitenant=True)
        entered = casb.identity.consents.enter(other, casb.identity.consents.find(home, made.client_id), "x")
        at_home, elsewhere = full_record(casb.identity, made), full_record(casb.identity, entered)
        assert [each["key_id"] for each in at_home["secrets"]] == [secret.key_id]
        assert "digest" not in str(at_home)
        assert (elsewhere["secrets"], elsewhere["redirects"], elsewhere["permissions"]) == ([], [], [])
        assert elsewhere["requested"] == at_home["requested"] != []
        assert short_record(entered).items() <= elsewhere.items()
