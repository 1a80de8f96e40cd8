"""Guests: users of one tenant who work in others, such as those of a managed security provider (identity §11).

A guest signs in at home, with the password and second factor of that tenant, and has a separate role in each tenant.
"""

from __future__ import annotations

import msgspec

from opencasb.identity.refusals import InvalidValue
from opencasb.model.delegation import SignedIn
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.tenants import Tenants
from opencasb.store.users import Users


class Guests:
    """Maps users to their guest accounts in other tenants."""

    def __init__(self, tenants: Tenants, users: Users) -> None:
        self._tenants = tenants
        self._users = users

    def at_home(self, tenant_id: int, name: str) -> User:
        """Return the active user of another tenant who can be invited as a guest.

        Raises :class:`InvalidValue` for ``name`` if no other tenant of this server has that domain and an active user
        of that name.
        """
        home = self._tenants.by_guid_or_domain(name.strip().rpartition("@")[2])
        user = None if home is None or home.tenant_id == tenant_id else self._users.by_upn(home.tenant_id, name)
        if user is None or not user.active or user.is_guest:
            allowed = "allowed: an active one whose tenant has the domain behind the @"
            raise InvalidValue("name", f"{name[:100]!r} is not a user of another tenant of this server; {allowed}")
        return user

    def home_of(self, user: User) -> User | None:
        """Return a user's home account: themselves unless a guest; None if the home tenant no longer has it."""
        if user.home_tenant_id is None or user.home_user_id is None:
            return user
        return self._users.get(user.home_tenant_id, user.home_user_id)

    def home_tenant_of(self, user: User) -> Tenant | None:
        """Return a user's home tenant, or None if it is gone."""
        return self._tenants.get(user.tenant_id if user.home_tenant_id is None else user.home_tenant_id)

    def tenants_of(self, user: User) -> list[tuple[Tenant, User]]:
        """Return the tenants that a user can enter, home first, each with the user's account there."""
        found = [user, *(guest for guest in self._users.guests_of(user) if guest.active)]
        every = [(self._tenants.get(each.tenant_id), each) for each in found]
        return [(tenant, each) for tenant, each in every if tenant is not None]

    def within(self, tenant: Tenant | None, user: User, session: SignedIn) -> tuple[User, SignedIn] | None:
        """Return a signed-in user's account and session in a tenant (None: their home), or None for a stranger."""
        if tenant is None or tenant.tenant_id == user.tenant_id:
            return user, session
        guest = self._users.as_guest(tenant.tenant_id, user)
        if guest is None or not guest.active:
            return None
        return guest, msgspec.structs.replace(session, tenant_id=guest.tenant_id, user_id=guest.user_id)
