"""Delegated consent by administrators and users, and the assignment of users to applications (identity §9)."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
import sqlalchemy as sa

from opencasb.model.permissions import Audience, Permission
from opencasb.store.database import metadata
from opencasb.store.registrations import note_permission_change
from opencasb.store.repository import TimedRepository
from opencasb.store.revocations import of_consent, revoke

EVERYBODY = ""
"""The user id of a tenant-wide grant."""

delegated_grants = sa.Table(
    "delegated_grants",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("user_id", sa.String(36), primary_key=True),
    sa.Column("resource", sa.String(16), primary_key=True),
    sa.Column("permission", sa.String(120), primary_key=True),
)
application_assignments = sa.Table(
    "application_assignments",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("user_id", sa.String(36), primary_key=True),
)


class DelegatedGrant(msgspec.Struct, frozen=True, kw_only=True):
    """One delegated permission granted to an application for ``user_id``, or tenant-wide if that is null."""

    user_id: str | None
    resource: Audience
    name: str


class Grants(TimedRepository):
    """Delegated permissions and assignments in each tenant; ``Applications`` keeps the application permissions."""

    def grant(
        self, tenant_id: int, client_id: str, user_id: str | None, permissions: Collection[Permission], *, by: str
    ) -> None:
        """Grant delegated permissions for one user, or tenant-wide for None; existing grants stay."""
        key = {"tenant_id": tenant_id, "client_id": client_id, "user_id": user_id or EVERYBODY}
        rows = [{**key, "resource": each.resource, "permission": each.name} for each in sorted(set(permissions))]
        with self._database.write() as connection:
            if self._database.upsert(connection, delegated_grants, rows):
                if user_id is None:
                    note_permission_change(connection, tenant_id, client_id, self._clock())
                facts = {"user_id": user_id, "permissions": [row["permission"] for row in rows]}
                self._audit(connection, tenant_id, "consent.grant_delegated", by=by, target=client_id, **facts)

    def revoke(self, tenant_id: int, client_id: str, user_id: str | None, *, by: str) -> bool:
        """Revoke the grants of one user, or for None every delegated grant, and the tokens issued under them.

        Returns whether there was any.
        """
        gone = sa.delete(delegated_grants).filter_by(tenant_id=tenant_id, client_id=client_id)
        if user_id is not None:
            gone = gone.filter_by(user_id=user_id)
        with self._database.write() as connection:
            found = connection.execute(gone).rowcount > 0
            if found:
                if user_id is None:
                    note_permission_change(connection, tenant_id, client_id, self._clock())
                revoke(connection, tenant_id, of_consent(client_id, user_id or EVERYBODY), self._clock())
                self._audit(connection, tenant_id, "consent.revoke_delegated", by=by, target=client_id, user_id=user_id)
        return found

    def granted(self, tenant_id: int, client_id: str, user_id: str) -> frozenset[Permission]:
        """Return the delegated permissions that a user has: the tenant-wide ones and the user's own."""
        table = delegated_grants
        query = sa.select(table.c.resource, table.c.permission).filter_by(tenant_id=tenant_id, client_id=client_id)
        query = query.where(table.c.user_id.in_((EVERYBODY, user_id)))
        with self._database.read() as connection:
            return frozenset(Permission(*row) for row in connection.execute(query))

    def all(self, tenant_id: int, client_id: str) -> list[DelegatedGrant]:
        """Return every delegated grant of an application, tenant-wide ones first."""
        table = delegated_grants
        query = sa.select(table.c.user_id, table.c.resource, table.c.permission)
        query = query.filter_by(tenant_id=tenant_id, client_id=client_id)
        with self._database.read() as connection:
            rows = sorted(tuple(row) for row in connection.execute(query))
        return [
            DelegatedGrant(user_id=user_id or None, resource=resource, name=name) for user_id, resource, name in rows
        ]

    def assign(self, tenant_id: int, client_id: str, user_id: str, *, by: str) -> None:
        """Assign a user to an application that requires assignment."""
        row = {"tenant_id": tenant_id, "client_id": client_id, "user_id": user_id}
        with self._database.write() as connection:
            if self._database.upsert(connection, application_assignments, [row]):
                self._audit(connection, tenant_id, "app.assign", by=by, target=client_id, user_id=user_id)

    def unassign(self, tenant_id: int, client_id: str, user_id: str, *, by: str) -> bool:
        """Remove an assignment; returns whether it existed."""
        gone = sa.delete(application_assignments).filter_by(tenant_id=tenant_id, client_id=client_id, user_id=user_id)
        return self._write_audited(gone, tenant_id, "app.unassign", by=by, target=client_id, user_id=user_id)

    def assigned(self, tenant_id: int, client_id: str) -> frozenset[str]:
        """Return the ids of the users assigned to an application."""
        table = application_assignments
        query = sa.select(table.c.user_id).filter_by(tenant_id=tenant_id, client_id=client_id)
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))
