"""Accept tokens of trusted issuers as callers of our APIs (identity §7.5)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import structlog

from opencasb.identity.errors import InvalidToken
from opencasb.identity.trust.configuration import Given, configured
from opencasb.identity.trust.fetch import Fetch, HttpsFetch
from opencasb.identity.trust.foreign_tokens import check, directory_of
from opencasb.identity.trust.issuer_keys import IssuerKeys
from opencasb.identity.trust.principals import principal_of
from opencasb.model.id_forms import is_guid
from opencasb.model.permissions import Audience
from opencasb.model.principal import Principal
from opencasb.model.trusted_issuer import TrustedIssuer
from opencasb.outbound import Network
from opencasb.store.tenants import Tenants
from opencasb.store.trusted_issuers import TrustedIssuers

RELOAD_AFTER: Final = 5_000
"""Interval (ms) after which the database is checked for added or removed issuers."""
_log = structlog.get_logger(__name__)


class Trust:
    """The trusted issuers of every tenant with their keys, cached in this process."""

    def __init__(
        self, repository: TrustedIssuers, tenants: Tenants, clock: Callable[[], int], fetch: Fetch | None = None
    ) -> None:
        self._repository = repository
        self._tenants = tenants
        self._clock = clock
        self._fetch = fetch or HttpsFetch()
        self._public_fetch = HttpsFetch(Network())
        self._lock = threading.Lock()
        self._by_directory: dict[str, IssuerKeys] = {}
        self._looked_at: int | None = None

    def principal(self, token: str, audience: Audience) -> Principal | None:
        """Return the holder of a token; None if it is not of a trusted issuer. Raises :class:`InvalidToken`."""
        trusted = self._trusted()
        keys = trusted.get(directory_of(token)) if trusted else None
        if keys is None:
            return None
        try:
            return principal_of(check(token, audience, keys, self._clock()), keys.issuer, audience)
        except InvalidToken as error:
            _log.info("token of a trusted issuer refused", issuer=keys.issuer.issuer, reason=str(error))
            raise

    def put(self, tenant_id: int, given: Given, *, by: str) -> TrustedIssuer:
        """Trust an issuer, or replace its whole configuration. Raises ``ValueError`` if it is invalid."""
        made = configured(tenant_id, given, self.get(tenant_id, given.issuer.strip()))
        if self._tenants.by_guid_or_domain(made.issuer):  # otherwise its own tokens would be treated as foreign
            raise ValueError(f"issuer {made.issuer!r} is a tenant of this server, whose tokens count anyway")
        self._repository.put(made, by=by)
        self._looked_at = None
        return made

    def remove(self, tenant_id: int, issuer: str, *, by: str) -> bool:
        """Stop trusting an issuer; return whether it was trusted."""
        found = self._repository.remove(tenant_id, issuer, by=by)
        self._looked_at = None
        return found

    def get(self, tenant_id: int, issuer: str) -> TrustedIssuer | None:
        """Return one trusted issuer of a tenant, or None."""
        return self._repository.get(tenant_id, issuer.lower()) if is_guid(issuer.lower()) else None

    def all(self, tenant_id: int) -> list[TrustedIssuer]:
        """Return the trusted issuers of a tenant, the oldest first."""
        return self._repository.all(tenant_id)

    def keys_of(self, issuer: TrustedIssuer) -> IssuerKeys:
        """Return an issuer's keys outside the cache, for a trial fetch."""
        return IssuerKeys(issuer, self._fetch if issuer.anywhere else self._public_fetch, self._clock)

    def refresh(self) -> None:
        """Fetch the keys of every issuer; call it hourly."""
        for keys in self._trusted().values():
            keys.refresh()

    def _trusted(self) -> dict[str, IssuerKeys]:
        if self._looked_at is None or abs(self._clock() - self._looked_at) >= RELOAD_AFTER:
            with self._lock:
                found = {each.issuer: self._kept(each) for each in self._repository.of_every_tenant()}
                self._by_directory = found
                self._looked_at = self._clock()
        return self._by_directory

    def _kept(self, issuer: TrustedIssuer) -> IssuerKeys:
        """Return the cached keys, unless the issuer's configuration changed."""
        known = self._by_directory.get(issuer.issuer)
        return known if known and known.issuer == issuer else self.keys_of(issuer)
