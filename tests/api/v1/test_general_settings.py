"""Tenant settings (api §15)."""

from __future__ import annotations

from opencasb.model.roles import Role
from tests.api.v1.conftest import BASE, Client


def test_settings_are_what_the_product_knows(reader: Client) -> None:
    """The tenant's names and address, and limits."""
    tenant = reader.casb.tenants.get(reader.known.tenant_id)
    assert tenant is not None
    assert reader.get("settings/") == {
        "tenantId": tenant.tenant_id,
        "aadTenantId": tenant.guid,
        "orgDisplayName": "Contoso",
        "environmentName": tenant.domain,
        "apiUrl": f"{BASE}/api/v1/",
        "discoveryRetentionDays": 90,
        "pageSize": 100,
        "requestsPerMinute": 0,
    }


def test_no_mail_is_set_up(reader: Client) -> None:
    """The object that clients read is present but empty."""
    assert reader.get("mail_settings/get/") == {"tenantEmail": {}}


def test_settings_need_their_rights(reader: Client) -> None:
    """Security readers have no access (portal §10)."""
    for path in ("settings/", "mail_settings/get/"):
        assert reader.call("GET", path, role=Role.GLOBAL_READER).status_code == 200
        assert reader.call("GET", path, role=Role.SECURITY_READER).status_code == 403
