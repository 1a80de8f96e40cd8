"""The device authorization endpoint: a device asks for a code that its user types elsewhere (identity §5.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from opencasb.identity.clients import presented
from opencasb.identity.consents import Consents
from opencasb.identity.delegation import wanted
from opencasb.identity.device_codes import DeviceCodes
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import parse_form
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.identity.registrations import Registrar
from opencasb.identity.resources import Resources
from opencasb.identity.throttle import Throttle
from opencasb.identity.token_endpoint import find_tenant
from opencasb.model.delegation import ScopeRequest
from opencasb.store.tenants import Tenants

CODES_PER_MINUTE: Final = 120
"""Codes per minute that an address may request: each is stored for a while, and a client id is all it takes to ask."""


@dataclass(eq=False)
class DeviceEndpoint:
    """Answers device authorization requests."""

    _tenants: Tenants
    _consents: Consents
    _resources: Resources
    _registrations: Registrar
    _codes: DeviceCodes
    _asked: Throttle = field(default_factory=lambda: Throttle(CODES_PER_MINUTE), init=False)

    def answer(self, request: TokenRequest) -> dict[str, Any]:  # any JSON
        """Return the codes. Raises 90002, 700016 and the errors of a bad request: a user could not fix it later.

        Raises 90055 for an address that exceeds the rate limit.
        """
        tenant = find_tenant(self._tenants, request.tenant)
        form = parse_form(request.content_type, request.body)
        application = self._consents.find(tenant, presented(form, request.authorization).client_id)
        scope_request = ScopeRequest(
            version=request.version, scope=form.get("scope", ""), resource=form.get("resource", "")
        )
        wanted(self._resources, scope_request, self._registrations.delegated(application))
        if seconds := self._asked.count(request.address):
            raise OAuthError(90055, "Too many device codes were requested. Try again later.", retry_after=seconds)
        return self._codes.issue(tenant, application.client_id, scope_request)
