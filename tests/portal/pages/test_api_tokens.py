"""API tokens in the portal."""

from __future__ import annotations

import re

from opencasb.model.roles import Role
from tests.portal.site import Site


def test_a_token_is_shown_once_and_works_until_it_is_revoked(site: Site) -> None:
    """Its state depends on its use."""
    visitor, access = site.visitor(Role.SECURITY_READER), site.casb.identity.access
    answer = visitor.send("api-tokens", "api-tokens", name="siem")
    [value] = re.findall(r'id="new-token">([0-9a-f]{64})<', answer.text)
    assert 'value="siem"' not in answer.text  # so that no second one is created by accident
    text = visitor.page("api-tokens")
    assert value not in text
    assert "<td>Generated</td>" in text
    assert access.authenticate(f"Token {value}", "mdca").name == site.user(Role.SECURITY_READER).upn
    assert "<td>Active</td>" in visitor.page("api-tokens")
    site.clock.now += 8 * 24 * 3600 * 1000
    visitor = site.sign_in(site.user(Role.SECURITY_READER))
    assert "<td>Inactive</td>" in visitor.page("api-tokens")
    [kept] = site.casb.identity.api_tokens.all(site.contoso.tenant_id)
    asked = visitor.send("api-tokens", f"api-tokens/{kept.token_id}/revoke")
    assert f"siem, begins with {value[:4]}…, of {site.user(Role.SECURITY_READER).upn}" in asked.text
    assert "Revoked." in visitor.done(visitor.confirm(asked))
    assert site.casb.identity.api_tokens.all(site.contoso.tenant_id) == []


def test_others_tokens_are_for_full_access(site: Site) -> None:
    """Others can neither see nor revoke them."""
    tenant, credentials = site.contoso.tenant_id, site.casb.identity.credentials
    reader, chief = site.user(Role.SECURITY_READER), site.user()
    credentials.new_api_token(tenant, reader.user_id, "of the reader")
    high = credentials.new_api_token(tenant, chief.user_id, "of the chief").token
    assert "of the reader" in site.visitor().page("api-tokens")
    visitor = site.visitor(Role.SECURITY_READER)
    text = visitor.page("api-tokens")
    assert "of the chief" not in text
    token = text.partition('name="form_token" value="')[2].partition('"')[0]
    form = {"form_token": token, "confirmed": "yes"}
    assert visitor.post(f"/portal/api-tokens/{high.token_id}/revoke", form).status_code == 404
    assert len(site.casb.identity.api_tokens.all(tenant)) == 2


def test_a_name_is_needed(site: Site) -> None:
    """The page says when tokens are disabled."""
    visitor = site.visitor()
    assert visitor.send("api-tokens", "api-tokens", name=" ").status_code == 400
    assert "switched off" not in visitor.page("api-tokens")
    site.casb.tenants.switch(site.contoso.tenant_id, "api_tokens", on=False)
    assert "switched off" in visitor.page("api-tokens")
