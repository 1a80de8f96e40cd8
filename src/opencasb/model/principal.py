"""Who is calling, and what the call may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opencasb.model.role_scope import RoleScope


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller of one tenant.

    ``permissions`` are lower-case scope names (``discovery.read``): already the intersection of what the token grants
    and what the role of its user allows. ``stream_ids`` limits a scoped role to some reports; ``None`` is no limit.
    ``scope`` has the apps or user groups of a role that sees some records only. ``operations`` are all that a token
    made for a purpose may do; ``None`` is no limit.
    """

    tenant_id: int
    kind: Literal["token", "app", "user"]
    name: str
    permissions: frozenset[str]
    client_id: str | None = None
    user_id: str | None = None
    role: str | None = None
    stream_ids: frozenset[str] | None = None
    scope: RoleScope | None = None
    operations: frozenset[str] | None = None

    def may(self, *permissions: str) -> bool:
        """Tell whether any one of ``permissions`` (any case) is held."""
        return any(permission.lower() in self.permissions for permission in permissions)
