"""Users: the people who administer a tenant."""

from __future__ import annotations

import msgspec

from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import Role


class User(msgspec.Struct, frozen=True, kw_only=True):
    """An administrator. Times are ms since the epoch UTC; ``deprovisioned`` is None while the user is active.

    ``stream_ids`` limits a Cloud Discovery report admin to some reports; None means no limit. ``scope`` holds the
    role's other limits; without it, a role that sees only some records sees none. With ``password_expired``, the user
    must choose a new password at the next sign-in. ``home_tenant_id`` and ``home_user_id`` are set for a guest: a user
    of another tenant on this server, who signs in there.
    """

    tenant_id: int
    user_id: str
    upn: str
    display_name: str
    role: Role
    created: int
    deprovisioned: int | None = None
    stream_ids: frozenset[str] | None = None
    scope: RoleScope | None = None
    password_expired: bool = False
    home_tenant_id: int | None = None
    home_user_id: str | None = None

    @property
    def is_guest(self) -> bool:
        """Whether this is a guest from another tenant (identity §11)."""
        return self.home_tenant_id is not None

    @property
    def active(self) -> bool:
        """Whether the user still belongs to the tenant."""
        return self.deprovisioned is None
