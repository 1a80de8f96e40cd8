"""Consent: what an application may do in a tenant, for itself or for a user, and who may grant it (identity §9)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from opencasb.identity.errors import OAuthError
from opencasb.model.application import Application
from opencasb.model.id_forms import is_guid
from opencasb.model.permissions import USER_CONSENT, Permission
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.applications import Applications
from opencasb.store.consents import Grants


class Consents:
    """What applications are granted, who may grant it, and which tenants know them.

    ``grants`` stores delegated permissions and assignments.
    """

    def __init__(self, applications: Applications, grants: Grants) -> None:
        self._applications = applications
        self.grants: Final = grants

    def find(self, tenant: Tenant | None, client_id: str) -> Application:
        """Return an application allowed to sign in: as ``tenant`` knows it, or for an alias (None) as its home does.

        Raises 700016 (unknown in the tenant; a multitenant application becomes known once somebody consents), 7000112
        (disabled), 50194 (single-tenant application at an alias).
        """
        plain = client_id.lower()
        found = self._lookup(tenant, plain) if is_guid(plain) else None
        if found is None:
            where = "in this tenant" if tenant else "known"
            raise OAuthError(700016, f"No application with the identifier '{client_id[:64]}' is {where}.")
        if found.disabled is not None:
            raise OAuthError(7000112, f"The application '{found.client_id}' is disabled.")
        if tenant is None and not found.multitenant:
            text = f"The application '{found.client_id}' belongs to one tenant: use the address of that tenant."
            raise OAuthError(50194, text)
        return found

    def find_anywhere(self, tenant: Tenant | None, client_id: str) -> Application:
        """Return an application as :meth:`find` does, or a multitenant one that consent would make known there."""
        try:
            return self.find(tenant, client_id)
        except OAuthError as refusal:
            plain = client_id.lower()
            home = self._applications.home(plain) if refusal.code == 700016 and is_guid(plain) else None
            if home is None or not home.multitenant:
                raise
            return self.find(None, client_id)

    def enter(self, tenant: Tenant, application: Application, by: str) -> Application:
        """Return ``application`` as ``tenant`` knows it; a multitenant one is added to the tenant, without permissions.

        Raises 700016 for a single-tenant application of another tenant.
        """
        known = self._applications.get(tenant.tenant_id, application.client_id)
        if known is not None:
            return known
        if not application.multitenant:
            raise OAuthError(700016, f"The application '{application.client_id}' belongs to another tenant.")
        return self._applications.enter(tenant.tenant_id, application, by=by)

    def grant(
        self, application: Application, permissions: Iterable[RequestedPermission], *, user_id: str | None, by: str
    ) -> None:
        """Grant permissions of both kinds, or with a ``user_id`` only the delegated ones, for that user."""
        wanted = list(permissions)
        delegated = [each.permission for each in wanted if each.kind == "delegated"]
        self.grants.grant(application.tenant_id, application.client_id, user_id, delegated, by=by)
        if user_id is None:
            own = [each.permission for each in wanted if each.kind == "application"]
            self._applications.grant(application.tenant_id, application.client_id, own, by=by)

    def revoke(self, tenant_id: int, client_id: str, user_id: str | None = None, *, by: str) -> bool:
        """Revoke what one user granted, or without ``user_id`` everything granted in the tenant.

        Returns whether there was anything to revoke.
        """
        gone = self.grants.revoke(tenant_id, client_id, user_id, by=by)
        if user_id is None:
            gone = self._applications.revoke(tenant_id, client_id, by=by) or gone
        return gone

    def may_use(self, application: Application, user: User) -> bool:
        """Return whether ``user`` may sign in to ``application``."""
        if not application.assignment_required:
            return True
        return user.user_id in self.grants.assigned(application.tenant_id, application.client_id)

    def demand_use(self, application: Application, user: User) -> None:
        """Refuse a user who may not sign in to ``application``. Raises 50105."""
        if not self.may_use(application, user):
            raise OAuthError(50105, "The user is not assigned to the application, which demands it.")

    def may_consent(self, user: User, permissions: Iterable[Permission | RequestedPermission]) -> bool:
        """Return whether ``user`` may grant ``permissions`` in their tenant; a plain permission is a delegated one.

        A global administrator may grant all of them, tenant-wide. Everybody else may only grant identity scopes, for
        themselves: every permission of the two APIs needs an administrator (identity §9).
        """
        if not user.active:
            return False
        if user.role is Role.GLOBAL_ADMINISTRATOR:
            return True
        return all(_is_for_users(each) for each in permissions)

    def _lookup(self, tenant: Tenant | None, client_id: str) -> Application | None:
        if tenant is None:
            return self._applications.home(client_id)
        return self._applications.get(tenant.tenant_id, client_id)


def _is_for_users(wanted: Permission | RequestedPermission) -> bool:
    if isinstance(wanted, Permission):
        return wanted in USER_CONSENT
    return wanted.kind == "delegated" and wanted.permission in USER_CONSENT
