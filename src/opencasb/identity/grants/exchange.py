"""One token request on its way through a grant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from opencasb.identity.clients import ClientCredential
from opencasb.model.delegation import Ask, Version
from opencasb.model.tenant import Tenant

Facts = dict[str, Any]
"""What the audit log says of a request: texts, numbers and lists of texts."""


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
class Exchange:
    """A request with what was read of it; a grant adds to ``facts`` as it learns them.

    ``tenant`` is None at ``common`` and ``organizations``.
    """

    request: TokenRequest
    tenant: Tenant | None
    form: Mapping[str, str] = field(repr=False)
    credential: ClientCredential
    facts: Facts

    @property
    def ask(self) -> Ask:
        """What this request itself asks for."""
        return Ask(
            version=self.request.version, scope=self.form.get("scope", ""), resource=self.form.get("resource", "")
        )

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The client capabilities asked for; what else ``claims`` says is ignored, as other parameters are."""
        try:
            wanted = msgspec.json.decode(self.form.get("claims", ""), type=_ClaimsRequest)
        except (msgspec.MsgspecError, RecursionError):
            return ()
        return ("CP1",) if "CP1" in wanted.access_token.xms_cc.values else ()


Grant = Callable[[Exchange], dict[str, Any]]
"""Answers an exchange with the JSON body. Raises :class:`OAuthError`."""


class _AccessTokenClaims(msgspec.Struct, frozen=True):
    class Values(msgspec.Struct, frozen=True):
        values: tuple[str, ...] = ()

    xms_cc: Values = Values()


class _ClaimsRequest(msgspec.Struct, frozen=True):
    access_token: _AccessTokenClaims = _AccessTokenClaims()
