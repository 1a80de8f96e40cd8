"""Interactive consent: what an application wants, what is missing, and who may agree (identity §9)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from opencasb.identity.consents import Consents
from opencasb.identity.delegation import wanted_of_all
from opencasb.identity.errors import OAuthError
from opencasb.identity.registrations import Registrar
from opencasb.identity.resources import Resources
from opencasb.model.application import Application
from opencasb.model.delegation import ScopeRequest
from opencasb.model.permissions import Permission
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.tenants import Tenants

SIGNING_IN: Final = frozenset({Permission("graph", "openid"), Permission("graph", "profile")})
"""What the user consents to if an application only wants to know who signs in."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a user is asked to consent to: all ``wanted``, the part ``missing``, and whether they may (``allowed``).

    ``of_tenant`` is what an administrator is asked for instead, of both kinds and for everybody; usually empty.
    """

    wanted: frozenset[Permission]
    missing: frozenset[Permission]
    allowed: bool
    for_everybody: bool
    of_tenant: tuple[RequestedPermission, ...] = ()


@dataclass(eq=False)
class ConsentFlow:
    """Determines the consent to ask for, and records the answers."""

    _tenants: Tenants
    _consents: Consents
    _registrations: Registrar
    _resources: Resources

    def wanted(self, application: Application, request: ScopeRequest) -> frozenset[Permission]:
        """Return the permissions that a request wants; a v1 request that names nothing wants all configured ones.

        They may span several resources. Raises what :func:`opencasb.identity.delegation.wanted` does.
        """
        configured = self._registrations.delegated(application)
        if request.version == 1 and not (request.scope or request.resource):
            return frozenset(configured)
        return wanted_of_all(self._resources, request, configured)

    def asked(self, application: Application, request: ScopeRequest, user: User) -> Consent:
        """Return what a user would have to consent to before an application gets what it requests."""
        needed = self.wanted(application, request)
        given = self._consents.grants.granted(user.tenant_id, application.client_id, user.user_id)
        if not needed and not given:
            needed = SIGNING_IN
        missing = needed - given
        return Consent(
            wanted=needed,
            missing=missing,
            allowed=self._consents.may_consent(user, missing),
            for_everybody=user.role is Role.GLOBAL_ADMINISTRATOR,
        )

    def of_tenant(self, application: Application, asked: Consent) -> tuple[RequestedPermission, ...]:
        """Return all configured permissions of the application, of both kinds, and the delegated ones it requests."""
        delegated = (RequestedPermission(each.resource, "delegated", each.name) for each in sorted(asked.wanted))
        return tuple(dict.fromkeys((*self._registrations.requested(application), *delegated)))

    def agree(self, application: Application, user: User, consent: Consent, *, everybody: bool) -> None:
        """Record a user's consent, for themselves or for everybody. Raises 90094 if they may not give it."""
        if consent.of_tenant:
            self.agree_for_tenant(application, user, consent.of_tenant)
            return
        if not consent.allowed or (everybody and not consent.for_everybody):
            raise OAuthError(90094, "An administrator must consent to these permissions.")
        permissions = [RequestedPermission(each.resource, "delegated", each.name) for each in sorted(consent.wanted)]
        self._grant(application, user, permissions, user_id=None if everybody else user.user_id)

    def agree_for_tenant(
        self, application: Application, user: User, permissions: Collection[RequestedPermission]
    ) -> None:
        """Record an administrator's grant of both kinds of permissions to everybody. Raises 90094 for other users."""
        if user.role is not Role.GLOBAL_ADMINISTRATOR or not user.active:
            raise OAuthError(90094, "Only a global administrator can consent for the organization.")
        self._grant(application, user, permissions, user_id=None)

    def tenant_of(self, user: User) -> Tenant:
        """Return the tenant of a user."""
        tenant = self._tenants.get(user.tenant_id)
        assert tenant is not None  # noqa: S101 -- a user's tenant exists
        return tenant

    def _grant(
        self,
        application: Application,
        user: User,
        permissions: Collection[RequestedPermission],
        *,
        user_id: str | None,
    ) -> None:
        known = self._consents.enter(self.tenant_of(user), application, user.upn)
        self._consents.grant(known, permissions, user_id=user_id, by=user.upn)
