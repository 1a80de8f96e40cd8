"""The token endpoint: one request in, one answer or refusal out, one audit entry each (identity §5 to §8, §12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
import structlog

from opencasb.identity.clients import Clients, presented
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import parse_form, required
from opencasb.identity.resources import Resources, Target
from opencasb.identity.throttle import Throttle
from opencasb.identity.tokens import AccessTokens, IssuedToken
from opencasb.model.tenant import Tenant
from opencasb.store.audit_log import AuditLog
from opencasb.store.tenants import Tenants

ALIASES: Final = frozenset({"common", "organizations"})
"""First path segments that stand for no tenant in particular (identity §1)."""
LOGGED_REFUSALS_PER_MINUTE: Final = 300
"""Refusals per address that get an audit entry; a flood beyond goes to the server's log only."""

Facts = dict[str, Any]  # what the audit log says of a request: texts, numbers and lists of texts


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A POST to a token endpoint: ``tenant`` is the first path segment, ``version`` that of the endpoint."""

    tenant: str
    version: Literal[1, 2]
    body: bytes
    content_type: str | None = None
    authorization: str | None = None
    address: str = ""
    user_agent: str = ""
    correlation_id: str = ""


class _AccessTokenClaims(msgspec.Struct, frozen=True):
    class Values(msgspec.Struct, frozen=True):
        values: tuple[str, ...] = ()

    xms_cc: Values = Values()


class _ClaimsRequest(msgspec.Struct, frozen=True):
    access_token: _AccessTokenClaims = _AccessTokenClaims()


def find_tenant(tenants: Tenants, segment: str) -> Tenant | None:
    """Return the tenant of a path segment, None for ``common`` and ``organizations``. Raises 90002."""
    found = tenants.by_guid_or_domain(segment)
    if found is None and segment.lower() not in ALIASES:
        raise OAuthError(90002, f"Tenant '{segment[:100]}' was not found.")
    return found


class TokenEndpoint:
    """Answers token requests of every grant that is offered; each grant is one entry of ``_grants``."""

    def __init__(
        self, tenants: Tenants, clients: Clients, resources: Resources, tokens: AccessTokens, audit_log: AuditLog
    ) -> None:
        self._tenants = tenants
        self._clients = clients
        self._resources = resources
        self._tokens = tokens
        self._audit_log = audit_log
        self._refusals = Throttle(LOGGED_REFUSALS_PER_MINUTE)
        self._grants: Mapping[str, Callable[[Tenant | None, TokenRequest, Mapping[str, str], Facts], Facts]] = {
            "client_credentials": self._client_credentials
        }

    @property
    def grant_types(self) -> list[str]:
        """The grant types that are offered."""
        return list(self._grants)

    def answer(self, request: TokenRequest) -> dict[str, Any]:  # any JSON
        """Return the body of the successful answer. Raises :class:`OAuthError` with the code of identity §8."""
        facts: Facts = {
            "address": request.address,
            "user_agent": request.user_agent,
            "correlation_id": request.correlation_id,
        }
        tenant = None
        try:
            tenant = find_tenant(self._tenants, request.tenant)
            form = parse_form(request.content_type, request.body)
            facts["grant"] = required(form, "grant_type")
            grant = self._grants.get(facts["grant"])
            if grant is None:
                raise OAuthError(70003, f"The grant type is not offered. Offered are: {', '.join(self._grants)}.")
            body = grant(tenant, request, form, facts)
        except OAuthError as refusal:
            self._log(tenant, "token.refuse", {**facts, "code": refusal.code})
            raise
        self._log(tenant, "token.issue", facts)
        return body

    def _client_credentials(
        self, tenant: Tenant | None, request: TokenRequest, form: Mapping[str, str], facts: Facts
    ) -> Facts:
        if tenant is None:
            raise OAuthError(50059, "Client credentials need a tenant in the address, not an alias such as 'common'.")
        credential = presented(form, request.authorization)
        facts["client_id"] = credential.client_id
        client = self._clients.authenticate(tenant.tenant_id, credential, request.address)
        facts |= {"object_id": client.application.service_principal_id, "key_id": client.key_id}
        target = self._resources.for_v1(form) if request.version == 1 else self._resources.for_v2(form)
        capabilities = _capabilities(form)
        issued = self._tokens.for_application(tenant, client.application, target, capabilities=capabilities)
        facts |= {"resource": target.resource.key, "roles": list(issued.roles), "token_id": issued.token_id}
        return _v1_body(issued, target) if request.version == 1 else _v2_body(issued)

    def _log(self, tenant: Tenant | None, action: str, facts: Facts) -> None:
        plain = {name: _plain(value) if isinstance(value, str) else value for name, value in facts.items()}
        address = plain["address"]
        refused = "code" in plain
        if tenant is None or (refused and self._refusals.wait(address)):
            structlog.get_logger(__name__).warning(action, **plain)
            return
        if refused:
            self._refusals.failed(address)
        client_id = plain.pop("client_id", "")
        self._audit_log.add(tenant.tenant_id, action, by=client_id or "anonymous", target=client_id, **plain)


def _v2_body(issued: IssuedToken) -> dict[str, Any]:
    seconds = issued.lifetime - 1
    return {
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "access_token": issued.access_token,
    }


def _v1_body(issued: IssuedToken, target: Target) -> dict[str, Any]:
    seconds = str(issued.lifetime - 1)
    return {
        "token_type": "Bearer",
        "expires_in": seconds,
        "ext_expires_in": seconds,
        "expires_on": str(issued.expires),
        "not_before": str(issued.not_before),
        "resource": target.requested,
        "access_token": issued.access_token,
    }


def _capabilities(form: Mapping[str, str]) -> tuple[str, ...]:
    """Return the client capabilities asked for; whatever else ``claims`` says is ignored, as other parameters are."""
    try:
        wanted = msgspec.json.decode(form.get("claims", ""), type=_ClaimsRequest)
    except (msgspec.MsgspecError, RecursionError):
        return ()
    return ("CP1",) if "CP1" in wanted.access_token.xms_cc.values else ()


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text[:200])
