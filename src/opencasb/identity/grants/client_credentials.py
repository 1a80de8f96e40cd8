"""The client credentials grant: an application acts for itself (identity §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.callers import Callers
from opencasb.identity.grants.token_request import ParsedRequest, body
from opencasb.identity.resources import Resources
from opencasb.identity.tokens import AccessTokens


@dataclass(eq=False)
class ClientCredentials:
    """Issues tokens in application context, with the roles an administrator consented to and no refresh token."""

    _callers: Callers
    _resources: Resources
    _tokens: AccessTokens

    def __call__(self, parsed: ParsedRequest) -> dict[str, Any]:  # any JSON
        """Answer a request. Raises 50059 at an alias, and the errors of client authentication and resource lookup."""
        tenant, request = parsed.tenant, parsed.request
        if tenant is None:
            raise OAuthError(50059, "Client credentials need a tenant in the address, not an alias such as 'common'.")
        client = self._callers.confidential(tenant, parsed)
        parsed.facts["object_id"] = client.application.service_principal_id
        target = self._resources.for_v1(parsed.form) if request.version == 1 else self._resources.for_v2(parsed.form)
        issued = self._tokens.for_application(
            tenant, client.application, target, proof=client.proof, capabilities=parsed.capabilities
        )
        parsed.facts.update(resource=target.resource.key, roles=list(issued.roles), token_id=issued.token_id)
        return body(request.version, issued, target)
