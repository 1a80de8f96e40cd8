"""Admission of a call: authentication, throttling and permission, in this order (api §2, §5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request

from opencasb.api.v1.errors import Forbidden, NotAuthenticated, Throttled
from opencasb.identity.challenge import bearer_challenge
from opencasb.identity.errors import Unauthenticated
from opencasb.identity.throttle import Throttle
from opencasb.model.permissions import MDCA
from opencasb.model.principal import Principal
from opencasb.model.rights import permits

if TYPE_CHECKING:
    from opencasb.app import Casb


class AccessControl:
    """Admits or refuses calls; each tenant gets ``per_minute`` calls, 0 means unlimited."""

    def __init__(self, casb: Casb, per_minute: int) -> None:
        self._access = casb.identity.access
        self._throttle = Throttle(per_minute)
        self._base = casb.settings.effective_public_url

    def authorize(self, request: Request, operation: str | None, known: Principal | None = None) -> Principal:
        """Return the caller, who may perform ``operation`` (None: any authenticated caller may).

        ``known`` is the caller if the same header has just been checked.

        Calls are counted per tenant; calls without valid credentials belong to no tenant and are counted per address.
        Raises :class:`NotAuthenticated`, :class:`Throttled`, :class:`Forbidden`.
        """
        authorization = request.headers.get("authorization")
        try:
            principal = known or self._access.authenticate(authorization, "mdca")
        except Unauthenticated as error:
            self._count("address", request.client.host if request.client else "")
            bearer = (authorization or "").strip().lower().startswith("bearer")
            challenge = bearer_challenge(self._base, MDCA.app_id, invalid=bearer, hint=error.hint)
            raise NotAuthenticated(missing=error.reason == "missing", challenge=challenge, hint=error.hint) from None
        self._count("tenant", str(principal.tenant_id))
        if operation is not None and not permits(principal, operation):
            raise Forbidden
        return principal

    def _count(self, *key: str) -> None:
        seconds = self._throttle.count(*key)
        if seconds is not None:
            raise Throttled(seconds)
