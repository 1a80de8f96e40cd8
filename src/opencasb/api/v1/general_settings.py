"""Tenant settings that clients read (api §15, portal §12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.routes import Route

if TYPE_CHECKING:
    from opencasb.app import Casb


def general(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the tenant-wide settings: names, API address, retention and limits."""
    tenant = casb.tenants.get(call.tenant_id)
    assert tenant is not None  # noqa: S101 -- the caller is of it
    return {
        "tenantId": tenant.tenant_id,
        "aadTenantId": tenant.guid,
        "orgDisplayName": tenant.name,
        "environmentName": tenant.domain,
        "apiUrl": f"{call.base_url}/api/v1/",
        "discoveryRetentionDays": casb.settings.retention_days,
        "pageSize": casb.settings.page_size,
        "requestsPerMinute": casb.settings.requests_per_minute,
    }


def mail(_casb: Casb, _call: Call) -> dict[str, Any]:  # JSON
    """Return the settings for mail to users: always empty, as the product sends none."""
    return {"tenantEmail": {}}


ROUTES: Final = (
    Route("settings", "settings.view", {"GET": general}),
    Route("mail_settings/get", "settings.view", {"GET": mail}),
)
