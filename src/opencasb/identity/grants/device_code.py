"""The device code grant: a device polls until its user has decided (identity §5.2, §8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from opencasb.identity.device_codes import LIFETIME, DeviceCodes
from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.callers import Callers
from opencasb.identity.grants.token_request import ParsedRequest, demand_unrevoked
from opencasb.identity.grants.token_responses import Authorization, UserTokenResponses
from opencasb.identity.throttle import Throttle
from opencasb.model.delegation import ScopeRequest, SignedIn
from opencasb.model.tenant import Tenant
from opencasb.store.database import new_id
from opencasb.store.device_codes import DeviceCode
from opencasb.store.revocations import Revocations
from opencasb.store.tenants import Tenants

POLLS_PER_MINUTE = 120
"""Ten times the rate devices are told to use; only faster polling is refused, as a refusal makes clients give up."""


@dataclass(eq=False)
class DeviceCodeGrant:
    """Answers polling devices."""

    _tenants: Tenants
    _callers: Callers
    _codes: DeviceCodes
    _revocations: Revocations
    _responses: UserTokenResponses
    _polls: Throttle = field(default_factory=lambda: Throttle(POLLS_PER_MINUTE), init=False)

    def __call__(self, parsed: ParsedRequest) -> dict[str, Any]:  # any JSON
        """Answer a poll. Raises 900144 without a code, 90055 for excessive polling, and code and client errors."""
        value = parsed.form.get("device_code") or parsed.form.get("code", "")
        if not value:
            raise OAuthError(900144, "The request body must contain the parameter 'device_code'.")
        if seconds := self._polls.count(value[:80]):  # codes are shorter; longer texts would fill the memory
            raise OAuthError(90055, "The device polls far too often.", retry_after=seconds)
        code = self._codes.approved(value)
        tenant = self._tenant(parsed, code)
        client = self._callers.either(tenant, parsed)
        if client.application.client_id != code.client_id:
            raise OAuthError(70000, "The device code was issued to another client.")
        demand_unrevoked(
            self._revocations,
            tenant.tenant_id,
            client_id=code.client_id,
            user_id=code.user_id or "",
            family_id="",
            issued=code.expires - LIFETIME * 1000,  # the approving user's session is still valid
        )
        self._codes.redeem(code)
        return self._responses.respond(parsed, tenant, client, _authorization(parsed, code))

    def _tenant(self, parsed: ParsedRequest, code: DeviceCode) -> Tenant:
        tenant = self._tenants.get(code.user_tenant_id or code.tenant_id)
        if tenant is None or parsed.tenant not in {None, tenant}:
            raise OAuthError(70018, "The device code was issued by another tenant.")
        return tenant


def _authorization(parsed: ParsedRequest, code: DeviceCode) -> Authorization:
    asked = parsed.scope_request
    scope_request = ScopeRequest(
        version=asked.version, scope=asked.scope or code.scope, resource=asked.resource or code.resource
    )
    signed_in = SignedIn(
        tenant_id=code.user_tenant_id or code.tenant_id,
        user_id=code.user_id or "",
        amr=tuple(code.amr.split()),
        session_id=code.session_id,
        at=code.signed_in or 0,
    )
    return Authorization(
        signed_in=signed_in,
        family_id=new_id(),
        scope_request=scope_request,
        lasting=scope_request.lasts,
    )
