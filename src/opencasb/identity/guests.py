"""Guests: users of one tenant who work in others, as those of a managed-security provider do (identity §11).

A guest signs in at home, with the password and the second factor there, and has a role in each tenant of its own.
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
    """Finds who somebody is in another tenant than their own."""

    def __init__(self, tenants: Tenants, users: Users) -> None:
        self._tenants = tenants
        self._users = users

    def at_home(self, tenant_id: int, name: str) -> User:
        """Return the user of another tenant than this one who can be made a guest.

        Raises :class:`InvalidValue` about ``name``: no other tenant of this server has that domain and an active user
        of that name.
        """
        home = self._tenants.by_guid_or_domain(name.strip().rpartition("@")[2])
        user = None if home is None or home.tenant_id == tenant_id else self._users.by_upn(home.tenant_id, name)
        if user is None or not user.active or user.is_guest:
            raise InvalidValue("name", f"{name[:100]!r} is no user of another tenant of this server")
        return user

    def home_of(self, user: User) -> User | None:
        """Return who a user is at home: for all but guests, themselves; None if home knows the guest no more."""
        if user.home_tenant_id is None or user.home_user_id is None:
            return user
        return self._users.get(user.home_tenant_id, user.home_user_id)

    def home_tenant_of(self, user: User) -> Tenant | None:
        """Return the tenant that vouches for a user; None if it is gone."""
        return self._tenants.get(user.tenant_id if user.home_tenant_id is None else user.home_tenant_id)

    def tenants_of(self, user: User) -> list[tuple[Tenant, User]]:
        """Return where a user is let in, home first, with who they are there."""
        found = [user, *(guest for guest in self._users.guests_of(user) if guest.active)]
        every = [(self._tenants.get(each.tenant_id), each) for each in found]
        return [(tenant, each) for tenant, each in every if tenant is not None]

    def within(self, tenant: Tenant | None, user: User, session: SignedIn) -> tuple[User, SignedIn] | None:
        """Return who somebody who signed in is in a tenant, None for a stranger; without a tenant, at home."""
        if tenant is None or tenant.tenant_id == user.tenant_id:
            return user, session
        guest = self._users.as_guest(tenant.tenant_id, user)
        if guest is None or not guest.active:
            return None
        return guest, msgspec.structs.replace(session, tenant_id=guest.tenant_id, user_id=guest.user_id)
