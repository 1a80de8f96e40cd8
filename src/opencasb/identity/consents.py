"""Consent: which application may do what in a tenant, for itself or for a user, and who may say so (identity §9)."""

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
    """What was granted to applications, by whom it may be granted, and in which tenants they are known.

    ``grants`` keeps delegated permissions and assignments.
    """

    def __init__(self, applications: Applications, grants: Grants) -> None:
        self._applications = applications
        self.grants: Final = grants

    def find(self, tenant: Tenant | None, client_id: str) -> Application:
        """Return an application that may sign in: as ``tenant`` knows it, or for an alias (None) as its home does.

        Raises 700016 (not known there; a multitenant application is, once somebody consented), 7000112 (disabled),
        50194 (an alias, and the application belongs to a single tenant).
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
        """Return an application as :meth:`find` does, or a multitenant one that becomes known there by consent."""
        try:
            return self.find(tenant, client_id)
        except OAuthError as refusal:
            if tenant is None or refusal.code != 700016:
                raise
            return self.find(None, client_id)

    def enter(self, tenant: Tenant, application: Application, by: str) -> Application:
        """Return ``application`` as ``tenant`` knows it; a multitenant one becomes known there, without permissions.

        Raises 700016 for an application of another tenant only.
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
        """Grant permissions of both kinds; with a ``user_id`` the delegated ones alone, for that user."""
        wanted = list(permissions)
        delegated = [each.permission for each in wanted if each.kind == "delegated"]
        self.grants.grant(application.tenant_id, application.client_id, user_id, delegated, by=by)
        if user_id is None:
            own = [each.permission for each in wanted if each.kind == "application"]
            self._applications.grant(application.tenant_id, application.client_id, own, by=by)

    def revoke(self, tenant_id: int, client_id: str, user_id: str | None = None, *, by: str) -> bool:
        """Take back what one user granted, or without ``user_id`` everything that anybody granted in the tenant.

        Tells whether there was anything.
        """
        gone = self.grants.revoke(tenant_id, client_id, user_id, by=by)
        if user_id is None:
            gone = self._applications.revoke(tenant_id, client_id, by=by) or gone
        return gone

    def may_use(self, application: Application, user: User) -> bool:
        """Tell whether ``user`` may sign in to ``application``."""
        if not application.assignment_required:
            return True
        return user.user_id in self.grants.assigned(application.tenant_id, application.client_id)

    def demand_use(self, application: Application, user: User) -> None:
        """Refuse a user who may not sign in to ``application``. Raises 50105."""
        if not self.may_use(application, user):
            raise OAuthError(50105, "The user is not assigned to the application, which demands it.")

    def may_consent(self, user: User, permissions: Iterable[Permission | RequestedPermission]) -> bool:
        """Tell whether ``user`` may grant ``permissions`` in their tenant; a plain permission is a delegated one.

        A global administrator may grant all of them, and tenant-wide. Everybody else grants only what says who they
        are, for themselves: every permission of the two APIs needs an administrator (identity §9).
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
