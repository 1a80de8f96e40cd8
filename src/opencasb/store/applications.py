"""The applications of each tenant, their grants and the digests of their secrets (identity §1, §10.4)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

import msgspec
import sqlalchemy as sa

from opencasb.model.application import Application
from opencasb.model.client_secret import ClientSecret
from opencasb.model.permissions import Permission
from opencasb.store import revocations
from opencasb.store.application_rows import (
    ENABLED_NAME,
    application_permissions,
    application_secrets,
    applications,
    found_by,
    grants_of,
)
from opencasb.store.consents import application_assignments, delegated_grants
from opencasb.store.registrations import (
    application_certificates,
    application_redirects,
    note_permission_change,
    requested_permissions,
    revoke_everywhere,
)
from opencasb.store.repository import TimedRepository, fields_of

_PARTS = (
    application_secrets,
    application_permissions,
    application_redirects,
    application_certificates,
    requested_permissions,
    delegated_grants,
    application_assignments,
)


class Applications(TimedRepository):
    """The applications of each tenant."""

    def create(
        self,
        tenant_id: int,
        name: str,
        permissions: Sequence[Permission] = (),
        *,
        multitenant: bool = False,
        public_client: bool = False,
        assignment_required: bool = False,
        by: str = "system",
    ) -> Application:
        """Register an application that requests ``permissions``, and grant them; it has no secret yet."""
        made = Application(
            tenant_id=tenant_id,
            client_id=str(uuid.uuid4()),
            service_principal_id=str(uuid.uuid4()),
            name=name,
            created=self._clock(),
            home_tenant_id=tenant_id,
            multitenant=multitenant,
            public_client=public_client,
            assignment_required=assignment_required,
            permissions=tuple(sorted(set(permissions))),
        )
        key = {"tenant_id": tenant_id, "client_id": made.client_id}
        asked = [{**key, "resource": each.resource, "kind": "application", "name": each.name} for each in permissions]
        with self._database.write() as connection:
            self._insert(connection, made)
            self._database.upsert(connection, requested_permissions, asked)
            self._database.upsert(connection, application_permissions, grants_of(key, made.permissions))
            names = [each.name for each in made.permissions]
            self._audit(connection, tenant_id, "app.create", by=by, target=made.client_id, name=name, permissions=names)
        return made

    def enter(self, tenant_id: int, application: Application, *, by: str = "system") -> Application:
        """Add ``application`` to a foreign tenant, without any permissions, unless it is there already."""
        made = msgspec.structs.replace(
            application,
            tenant_id=tenant_id,
            service_principal_id=str(uuid.uuid4()),
            created=self._clock(),
            disabled=None,
            assignment_required=False,
            permissions_changed=None,
            permissions=(),
        )
        with self._database.write() as connection:
            if self._insert(connection, made):
                facts = {"name": made.name, "home_tenant_id": made.home_tenant_id}
                self._audit(connection, tenant_id, "app.enter", by=by, target=made.client_id, **facts)
        return self.get(tenant_id, made.client_id) or made

    def get(self, tenant_id: int, client_id: str) -> Application | None:
        """Return one application with its permissions, or None."""
        return next(iter(self._select(tenant_id, applications.c.client_id == client_id)), None)

    def home(self, client_id: str) -> Application | None:
        """Return the application as its home tenant has it, whichever tenant that is, or None."""
        query = sa.select(applications.c.home_tenant_id).where(applications.c.client_id == client_id).limit(1)
        with self._database.read() as connection:
            tenant_id = connection.scalar(query)
        return None if tenant_id is None else self.get(tenant_id, client_id)

    def all(self, tenant_id: int) -> list[Application]:
        """Return every application of the tenant, oldest first."""
        return self._select(tenant_id)

    def enabled_name(self, tenant_id: int, client_id: str) -> str | None:
        """Return the name of an application that may sign in, else None; checked for every bearer token."""
        with self._database.lookup() as connection:
            key = {"tenant_id": tenant_id, "client_id": client_id}
            return connection.execute(ENABLED_NAME, key).scalar_one_or_none()

    def set_enabled(self, tenant_id: int, client_id: str, *, enabled: bool, by: str = "system") -> bool:
        """Allow or forbid the application to sign in; returns whether it exists."""
        change = sa.update(applications).filter_by(tenant_id=tenant_id, client_id=client_id)
        change = change.values(disabled=None if enabled else self._clock())
        action = "app.enable" if enabled else "app.disable"
        return self._write_audited(change, tenant_id, action, by=by, target=client_id)

    def change(
        self,
        tenant_id: int,
        client_id: str,
        *,
        name: str | None = None,
        multitenant: bool | None = None,
        public_client: bool | None = None,
        assignment_required: bool | None = None,
        by: str = "system",
    ) -> bool:
        """Change the attributes that are not None; returns whether the application exists.

        Raises ``ValueError`` if any of the first three is changed outside the home tenant.
        """
        at_home = {"name": name, "multitenant": multitenant, "public_client": public_client}
        given = {
            key: value
            for key, value in {**at_home, "assignment_required": assignment_required}.items()
            if value is not None
        }
        found = self.get(tenant_id, client_id)
        if found is None or not given:
            return found is not None
        if not found.at_home and given.keys() & at_home.keys():
            raise ValueError(f"{', '.join(given.keys() & at_home.keys())}: only the home tenant can change this")
        change = sa.update(applications).filter_by(tenant_id=tenant_id, client_id=client_id)
        with self._database.write() as connection:
            connection.execute(change.values(**given))
            details = {"new_name" if key == "name" else key: value for key, value in given.items()}
            self._audit(connection, tenant_id, "app.change", by=by, target=client_id, **details)
        return True

    def grant(self, tenant_id: int, client_id: str, permissions: Collection[Permission], *, by: str = "system") -> None:
        """Grant application permissions in addition to the existing ones."""
        rows = grants_of({"tenant_id": tenant_id, "client_id": client_id}, permissions)
        with self._database.write() as connection:
            if self._database.upsert(connection, application_permissions, rows):
                note_permission_change(connection, tenant_id, client_id, self._clock())
                facts = {"permissions": [row["permission"] for row in rows]}
                self._audit(connection, tenant_id, "consent.grant_application", by=by, target=client_id, **facts)

    def revoke(self, tenant_id: int, client_id: str, *, by: str = "system") -> bool:
        """Revoke every application permission and the tokens; returns whether there was any permission."""
        gone = sa.delete(application_permissions).filter_by(tenant_id=tenant_id, client_id=client_id)
        with self._database.write() as connection:
            found = connection.execute(gone).rowcount > 0
            if found:
                note_permission_change(connection, tenant_id, client_id, self._clock())
                revocations.revoke(connection, tenant_id, revocations.of_application(client_id), self._clock())
                self._audit(connection, tenant_id, "consent.revoke_application", by=by, target=client_id)
        return found

    def delete(self, tenant_id: int, client_id: str, *, by: str = "system") -> bool:
        """Delete the application and everything it owns; returns whether it existed.

        When its home tenant deletes it, it is deleted from every other tenant as well.
        """
        principals = sa.select(applications.c.tenant_id).where(applications.c.client_id == client_id)
        known = sa.select(applications.c.home_tenant_id).filter_by(tenant_id=tenant_id, client_id=client_id)
        with self._database.write() as connection:
            home = connection.scalar(known)
            if home is None:
                return False
            for each in connection.scalars(principals).all() if home == tenant_id else [tenant_id]:
                for table in (*_PARTS, applications):
                    connection.execute(sa.delete(table).filter_by(tenant_id=each, client_id=client_id))
                self._audit(connection, each, "app.delete", by=by, target=client_id)
        return True

    def add_secret(self, tenant_id: int, client_id: str, secret: ClientSecret, *, by: str = "system") -> None:
        """Store the digest of a new secret beside the existing ones."""
        values = msgspec.structs.asdict(secret) | {"tenant_id": tenant_id, "client_id": client_id}
        with self._database.write() as connection:
            connection.execute(sa.insert(application_secrets).values(**values))
            facts = {"key_id": secret.key_id, "expires": secret.expires}
            self._audit(connection, tenant_id, "app.add_secret", by=by, target=client_id, **facts)

    def secrets(self, tenant_id: int, client_id: str) -> list[ClientSecret]:
        """Return the secrets of the application, including expired ones, oldest first."""
        table = application_secrets
        query = sa.select(*fields_of(table, ClientSecret)).filter_by(tenant_id=tenant_id, client_id=client_id)
        return self._all(query.order_by(table.c.created, table.c.key_id), ClientSecret)

    def remove_secret(self, tenant_id: int, client_id: str, key_id: str, *, by: str = "system") -> bool:
        """Remove one secret and revoke the application's tokens; returns whether it existed."""
        gone = sa.delete(application_secrets).filter_by(tenant_id=tenant_id, client_id=client_id, key_id=key_id)
        with self._database.write() as connection:
            found = connection.execute(gone).rowcount > 0
            if found:
                revoke_everywhere(connection, client_id, self._clock())
                self._audit(connection, tenant_id, "app.remove_secret", by=by, target=client_id, key_id=key_id)
        return found

    def _select(self, tenant_id: int, *where: sa.ColumnElement[bool]) -> list[Application]:
        with self._database.read() as connection:
            return found_by(connection, tenant_id, *where)

    def _insert(self, connection: sa.Connection, made: Application) -> bool:
        values = msgspec.structs.asdict(made)
        del values["permissions"]
        return self._database.upsert(connection, applications, [values]) > 0
