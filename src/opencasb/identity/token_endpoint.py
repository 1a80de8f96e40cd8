"""The token endpoint: one response or refusal and one audit entry per request (identity §5 to §8, §12)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import structlog

from opencasb.identity.clients import presented
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import parse_form, required
from opencasb.identity.grants.token_request import Facts, Grant, ParsedRequest, TokenRequest
from opencasb.identity.throttle import LOGGED_REFUSALS_PER_MINUTE, Throttle
from opencasb.model.tenant import Tenant
from opencasb.store.audit_log import AuditLog
from opencasb.store.tenants import Tenants

ALIASES: Final = frozenset({"common", "organizations"})
"""First path segments that name no particular tenant (identity §1)."""
CONSUMERS: Final = "consumers"
"""The alias of a tenant that no server of this kind has."""
_REFUSING_ALIASES: Final = frozenset({"client_credentials", "password"})
"""Grants that refuse an unsuitable alias with an error code of their own."""
EQUAL_REQUESTS_PER_MINUTE: Final = 600
"""Identical requests per address; a client that sends more is in a loop."""
_NOT_LOGGED: Final = frozenset({70016})
"""A pending device code is not worth logging."""


def find_tenant(tenants: Tenants, segment: str) -> Tenant | None:
    """Return the tenant of a path segment, None for ``common`` and ``organizations``. Raises 90002."""
    found = tenants.by_guid_or_domain(segment)
    if found is None and segment.lower() not in ALIASES:
        raise OAuthError(90002, f"Tenant '{segment[:100]}' was not found.")
    return found


class TokenEndpoint:
    """Dispatches token requests to the grant that each of them names."""

    def __init__(self, tenants: Tenants, grants: Mapping[str, Grant], audit_log: AuditLog) -> None:
        self._tenants = tenants
        self._grants = grants
        self._audit_log = audit_log
        self._refusals = Throttle(LOGGED_REFUSALS_PER_MINUTE)
        self._equal = Throttle(EQUAL_REQUESTS_PER_MINUTE)

    def answer(self, request: TokenRequest) -> dict[str, Any]:  # any JSON
        """Return the body of the success response. Raises :class:`OAuthError` with a code of identity §8."""
        facts: Facts = {
            "address": request.address,
            "user_agent": request.user_agent,
            "correlation_id": request.correlation_id,
        }
        try:
            consumers = request.tenant.lower() == CONSUMERS
            tenant = None if consumers else find_tenant(self._tenants, request.tenant)
            facts["tenant_id"] = None if tenant is None else tenant.tenant_id
            self._stop_loop(request)
            form = parse_form(request.content_type, request.body)
            facts["grant"] = required(form, "grant_type")
            if consumers and facts["grant"] not in _REFUSING_ALIASES:
                find_tenant(self._tenants, request.tenant)
            grant = self._grants.get(facts["grant"])
            if grant is None:
                raise OAuthError(70003, f"The grant type is not offered. Offered are: {', '.join(self._grants)}.")
            body = grant(ParsedRequest(request, tenant, form, presented(form, request.authorization), facts))
        except OAuthError as refusal:
            if refusal.code not in _NOT_LOGGED:
                self._log("token.refuse", {**facts, "code": refusal.code})
            raise
        self._log("token.issue", facts)
        return body

    def _stop_loop(self, request: TokenRequest) -> None:
        key = request.address, hashlib.sha256(request.body).hexdigest()
        if seconds := self._equal.count(*key):
            text = "The client sends the same request again and again: it should keep the token that it has."
            raise OAuthError(50196, text, retry_after=seconds)

    def _log(self, action: str, facts: Facts) -> None:
        plain = {name: _plain(value) if isinstance(value, str) else value for name, value in facts.items()}
        tenant_id = facts.get("tenant_id")
        plain.pop("tenant_id", None)
        address = plain["address"]
        refused = "code" in plain
        if tenant_id is None or (refused and self._refusals.count(address)):
            structlog.get_logger(__name__).warning(action, **plain)
            return
        client_id = plain.pop("client_id", "")
        self._audit_log.add(tenant_id, action, by=client_id or "anonymous", target=client_id, **plain)


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])
