"""The authenticated caller and its rights."""

from __future__ import annotations

from dataclasses import dataclass

from opencasb.model.role_scope import RoleScope


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller in one tenant.

    ``permissions`` are lower-case scope names (``discovery.read``), already intersected between what the token grants
    and what the user's role allows. ``stream_ids`` limits a scoped role to some reports; None means no limit. ``scope``
    holds the apps or user groups of a role that sees only some records. ``operations`` lists everything that a
    special-purpose token may do; None means no limit.
    """

    tenant_id: int
    name: str
    permissions: frozenset[str]
    client_id: str | None = None
    user_id: str | None = None
    role: str | None = None
    stream_ids: frozenset[str] | None = None
    scope: RoleScope | None = None
    operations: frozenset[str] | None = None

    def may(self, *permissions: str) -> bool:
        """Return whether at least one of ``permissions`` (any case) is held."""
        return any(permission.lower() in self.permissions for permission in permissions)
