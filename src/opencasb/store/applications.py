"""Applications, the permissions granted to them, and the digests of their secrets (identity §1, §10.4)."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import msgspec
import sqlalchemy as sa

from opencasb.model.application import Application
from opencasb.model.client_secret import ClientSecret
from opencasb.model.permissions import Permission
from opencasb.store.audit_log import record
from opencasb.store.database import Database, metadata

applications = sa.Table(
    "applications",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("service_principal_id", sa.String(36), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("disabled", sa.BigInteger),
)
application_permissions = sa.Table(
    "application_permissions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("resource", sa.String(16), primary_key=True),
    sa.Column("permission", sa.String(120), primary_key=True),
)
application_secrets = sa.Table(
    "application_secrets",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("key_id", sa.String(36), primary_key=True),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
_TABLES = (application_secrets, application_permissions, applications)
# Built once, because it is asked at every call of an API: building takes three times as long as running it.
_ENABLED_NAME = sa.select(applications.c.name).where(
    applications.c.tenant_id == sa.bindparam("tenant_id"),
    applications.c.client_id == sa.bindparam("client_id"),
    applications.c.disabled.is_(None),
)


class Applications:
    """The applications of each tenant."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    def create(
        self, tenant_id: int, name: str, permissions: Sequence[Permission], *, by: str = "system"
    ) -> Application:
        """Register an application and grant it ``permissions``; it has no secret yet."""
        made = Application(
            tenant_id=tenant_id,
            client_id=str(uuid.uuid4()),
            service_principal_id=str(uuid.uuid4()),
            name=name,
            created=self._clock(),
            permissions=tuple(sorted(set(permissions))),
        )
        key = {"tenant_id": tenant_id, "client_id": made.client_id}
        grants = [{**key, "resource": each.resource, "permission": each.name} for each in made.permissions]
        values = msgspec.structs.asdict(made)
        del values["permissions"]
        with self._database.write() as connection:
            connection.execute(sa.insert(applications).values(**values))
            if grants:
                connection.execute(sa.insert(application_permissions), grants)
            names = [each.name for each in made.permissions]
            self._record(connection, tenant_id, "app.create", made.client_id, by, name=name, permissions=names)
        return made

    def get(self, tenant_id: int, client_id: str) -> Application | None:
        """Return one application with its permissions, or None."""
        return next(iter(self._select(tenant_id, applications.c.client_id == client_id)), None)

    def all(self, tenant_id: int) -> list[Application]:
        """Return every application of the tenant, the oldest first."""
        return self._select(tenant_id)

    def enabled_name(self, tenant_id: int, client_id: str) -> str | None:
        """Return the name of an application that may sign in, else None: the check behind every bearer token."""
        with self._database.read() as connection:
            key = {"tenant_id": tenant_id, "client_id": client_id}
            return connection.execute(_ENABLED_NAME, key).scalar_one_or_none()

    def set_enabled(self, tenant_id: int, client_id: str, *, enabled: bool, by: str = "system") -> bool:
        """Allow or forbid the application to sign in; tells whether it exists."""
        change = sa.update(applications).where(*_key(applications, tenant_id, client_id))
        with self._database.write() as connection:
            now = None if enabled else self._clock()
            found = connection.execute(change.values(disabled=now)).rowcount > 0
            if found:
                self._record(connection, tenant_id, "app.enable" if enabled else "app.disable", client_id, by)
        return found

    def delete(self, tenant_id: int, client_id: str, *, by: str = "system") -> bool:
        """Remove the application with its secrets and permissions; tells whether it was there."""
        with self._database.write() as connection:
            gone = [
                connection.execute(sa.delete(table).where(*_key(table, tenant_id, client_id))).rowcount
                for table in _TABLES
            ]
            if gone[-1]:
                self._record(connection, tenant_id, "app.delete", client_id, by)
        return bool(gone[-1])

    def add_secret(self, tenant_id: int, client_id: str, secret: ClientSecret, *, by: str = "system") -> None:
        """Keep the digest of a new secret beside those that exist."""
        values = msgspec.structs.asdict(secret) | {"tenant_id": tenant_id, "client_id": client_id}
        with self._database.write() as connection:
            connection.execute(sa.insert(application_secrets).values(**values))
            facts = {"key_id": secret.key_id, "expires": secret.expires}
            self._record(connection, tenant_id, "app.add_secret", client_id, by, **facts)

    def secrets(self, tenant_id: int, client_id: str) -> list[ClientSecret]:
        """Return the secrets of the application, the expired too, the oldest first."""
        columns = [application_secrets.c[name] for name in ClientSecret.__struct_fields__]
        query = sa.select(*columns).where(*_key(application_secrets, tenant_id, client_id))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(application_secrets.c.created, application_secrets.c.key_id))
            return [ClientSecret(**row) for row in rows.mappings()]

    def remove_secret(self, tenant_id: int, client_id: str, key_id: str, *, by: str = "system") -> bool:
        """Remove one secret; tells whether it was there."""
        where = (*_key(application_secrets, tenant_id, client_id), application_secrets.c.key_id == key_id)
        with self._database.write() as connection:
            found = connection.execute(sa.delete(application_secrets).where(*where)).rowcount > 0
            if found:
                self._record(connection, tenant_id, "app.remove_secret", client_id, by, key_id=key_id)
        return found

    def _select(self, tenant_id: int, *where: sa.ColumnElement[bool]) -> list[Application]:
        query = sa.select(applications).where(applications.c.tenant_id == tenant_id, *where)
        query = query.order_by(applications.c.created, applications.c.client_id)
        grants = sa.select(application_permissions).where(application_permissions.c.tenant_id == tenant_id)
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
            if len(rows) == 1:
                grants = grants.where(application_permissions.c.client_id == rows[0]["client_id"])
            granted = _by_client(connection.execute(grants).mappings()) if rows else {}
        return [Application(**row, permissions=tuple(sorted(granted[row["client_id"]]))) for row in rows]

    def _record(
        self, connection: sa.Connection, tenant_id: int, action: str, client_id: str, by: str, **details: object
    ) -> None:
        record(connection, tenant_id, self._clock(), action, by=by, target=client_id, **details)


def _key(table: sa.Table, tenant_id: int, client_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (table.c.tenant_id == tenant_id, table.c.client_id == client_id)


def _by_client(grants: Iterable[sa.RowMapping]) -> dict[str, list[Permission]]:
    found: dict[str, list[Permission]] = defaultdict(list)
    for grant in grants:
        found[grant["client_id"]].append(Permission(grant["resource"], grant["permission"]))
    return found
