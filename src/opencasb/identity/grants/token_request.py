"""A token request on its way through a grant, and the steps common to all grants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from opencasb.identity.clients import ClientCredential
from opencasb.identity.errors import OAuthError
from opencasb.identity.resources import Target
from opencasb.identity.tokens import IssuedToken
from opencasb.model.delegation import ScopeRequest, Version
from opencasb.model.tenant import Tenant
from opencasb.store.revocations import Revocations, of_application, of_consent, of_family, of_user

Facts = dict[str, Any]
"""What the audit log records of a request: strings, numbers and lists of strings."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A POST to a token endpoint: ``tenant`` is the first path segment, ``version`` that of the endpoint."""

    tenant: str
    version: Version
    body: bytes = field(repr=False)
    content_type: str | None = None
    authorization: str | None = field(default=None, repr=False)
    origin: str | None = None
    address: str = ""
    user_agent: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A parsed request; a grant adds to ``facts`` as it learns them.

    ``tenant`` is None at ``common`` and ``organizations``.
    """

    request: TokenRequest
    tenant: Tenant | None
    form: Mapping[str, str] = field(repr=False)
    credential: ClientCredential
    facts: Facts

    @property
    def scope_request(self) -> ScopeRequest:
        """What this request itself asks for."""
        return ScopeRequest(
            version=self.request.version, scope=self.form.get("scope", ""), resource=self.form.get("resource", "")
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The requested client capabilities; the rest of ``claims`` is ignored, like other unknown parameters."""
        try:
            wanted = msgspec.json.decode(self.form.get("claims", ""), type=_ClaimsRequest)
        except (msgspec.MsgspecError, RecursionError):
            return ()
        return ("CP1",) if "CP1" in wanted.access_token.xms_cc.values else ()


Grant = Callable[[ParsedRequest], dict[str, Any]]
"""Returns the JSON body of the response. Raises :class:`OAuthError`."""


class _AccessTokenClaims(msgspec.Struct, frozen=True):
    class Values(msgspec.Struct, frozen=True):
        values: tuple[str, ...] = ()

    xms_cc: Values = Values()


class _ClaimsRequest(msgspec.Struct, frozen=True):
    access_token: _AccessTokenClaims = _AccessTokenClaims()


def demand_unrevoked(
    revocations: Revocations, tenant_id: int, *, client_id: str, user_id: str, family_id: str, issued: int
) -> None:
    """Refuse what was authorized at ``issued`` (ms) or before and has since been revoked. Raises 50173."""
    subjects = (
        of_family(family_id),
        of_user(user_id),
        of_application(client_id),
        of_consent(client_id, user_id),
        of_consent(client_id, ""),
    )
    if revocations.concern(tenant_id, subjects, issued):
        raise OAuthError(50173, "The grant was revoked. Send the user to sign in again.", suberror="bad_token")


def body(version: Version, issued: IssuedToken, target: Target) -> dict[str, Any]:  # any JSON
    """Return the fields common to all success responses (identity §7.2); v2 sends times as numbers, v1 as strings."""
    seconds = issued.lifetime - 1
    if version == 2:
        return {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": issued.access_token,
        }
    return {
        "token_type": "Bearer",
        "expires_in": str(seconds),
        "ext_expires_in": str(seconds),
        "expires_on": str(issued.expires),
        "not_before": str(issued.not_before),
        "resource": target.requested,
        "access_token": issued.access_token,
    }
