"""Redirects, certificates and requested permissions of applications, stored under the home tenant (identity §9)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from opencasb.model.registration import Certificate, Redirect, RequestedPermission
from opencasb.store import revocations
from opencasb.store.conflict import unique
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository, fields_of

application_redirects = sa.Table(
    "application_redirects",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("uri", sa.String(256), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
)
application_certificates = sa.Table(
    "application_certificates",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("key_id", sa.String(36), primary_key=True),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("sha1", sa.String(27), nullable=False),
    sa.Column("sha256", sa.String(43), nullable=False),
    sa.Column("pem", sa.Text, nullable=False),
    sa.Column("not_before", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("tenant_id", "client_id", "sha256"),
)
requested_permissions = sa.Table(
    "requested_permissions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("resource", sa.String(16), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(120), primary_key=True),
)

_principals = sa.table(
    "applications",
    sa.column("tenant_id"),
    sa.column("client_id"),
    sa.column("home_tenant_id"),
    sa.column("permissions_changed"),
)  # the module of that table imports this one


class Registrations(TimedRepository):
    """The registrations of applications; the tenant is always the home tenant."""

    def redirects(self, tenant_id: int, client_id: str) -> list[Redirect]:
        """Return the redirects in the order in which they were added."""
        table = application_redirects
        query = sa.select(table.c.kind, table.c.uri).filter_by(tenant_id=tenant_id, client_id=client_id)
        return self._all(query.order_by(table.c.position, table.c.uri), Redirect)

    def redirects_known_in(self, tenant_id: int) -> list[Redirect]:
        """Return the redirects of every application in a tenant, whatever its home tenant."""
        table, known = application_redirects, _principals.c
        mine = sa.and_(known.home_tenant_id == table.c.tenant_id, known.client_id == table.c.client_id)
        query = sa.select(table.c.kind, table.c.uri).join(_principals, mine).where(known.tenant_id == tenant_id)
        return self._all(query, Redirect)

    def add_redirect(self, tenant_id: int, client_id: str, redirect: Redirect, *, limit: int, by: str) -> bool:
        """Upsert a redirect, changing only the kind of an existing one. Returns False if there are ``limit`` others."""
        table = application_redirects
        query = sa.select(sa.func.count(), sa.func.max(table.c.position)).select_from(table)
        query = query.filter_by(tenant_id=tenant_id, client_id=client_id).where(table.c.uri != redirect.uri)
        with self._database.write() as connection:
            count, last = connection.execute(query).one()
            if count >= limit:
                return False
            row = {"tenant_id": tenant_id, "client_id": client_id, "position": (last or 0) + 1}
            self._database.upsert(connection, table, [row | msgspec.structs.asdict(redirect)], update=["kind"])
            facts = {"uri": redirect.uri, "kind": redirect.kind}
            self._audit(connection, tenant_id, "app.add_redirect", by=by, target=client_id, **facts)
        return True

    def remove_redirect(self, tenant_id: int, client_id: str, uri: str, *, by: str) -> bool:
        """Remove a redirect; returns whether it existed."""
        gone = sa.delete(application_redirects).filter_by(tenant_id=tenant_id, client_id=client_id, uri=uri)
        return self._write_audited(gone, tenant_id, "app.remove_redirect", by=by, target=client_id, uri=uri)

    def certificates(self, tenant_id: int, client_id: str) -> list[Certificate]:
        """Return the certificates, including expired ones, oldest registration first."""
        table = application_certificates
        query = sa.select(*fields_of(table, Certificate)).filter_by(tenant_id=tenant_id, client_id=client_id)
        return self._all(query.order_by(table.c.created, table.c.key_id), Certificate)

    def add_certificate(self, tenant_id: int, client_id: str, certificate: Certificate, *, by: str) -> None:
        """Store a certificate. Raises :class:`Conflict` if the application already has it."""
        values = msgspec.structs.asdict(certificate) | {"tenant_id": tenant_id, "client_id": client_id}
        facts = {"key_id": certificate.key_id, "sha256": certificate.sha256, "expires": certificate.expires}
        taken = f"the application has the certificate {certificate.sha256} already"
        with unique(taken), self._database.write() as connection:
            connection.execute(sa.insert(application_certificates).values(**values))
            self._audit(connection, tenant_id, "app.add_certificate", by=by, target=client_id, **facts)

    def remove_certificate(self, tenant_id: int, client_id: str, key_id: str, *, by: str) -> bool:
        """Remove a certificate and revoke the application's tokens; returns whether it existed."""
        gone = sa.delete(application_certificates).filter_by(tenant_id=tenant_id, client_id=client_id, key_id=key_id)
        with self._database.write() as connection:
            found = connection.execute(gone).rowcount > 0
            if found:
                revoke_everywhere(connection, client_id, self._clock())
                self._audit(connection, tenant_id, "app.remove_certificate", by=by, target=client_id, key_id=key_id)
        return found

    def requested(self, tenant_id: int, client_id: str) -> list[RequestedPermission]:
        """Return the permissions that the application requests, sorted by name."""
        table = requested_permissions
        columns = [table.c[name] for name in RequestedPermission._fields]
        query = sa.select(*columns).filter_by(tenant_id=tenant_id, client_id=client_id)
        with self._database.read() as connection:
            return sorted(RequestedPermission(*row) for row in connection.execute(query))

    def add_requested(
        self, tenant_id: int, client_id: str, permissions: Sequence[RequestedPermission], *, by: str
    ) -> None:
        """Add ``permissions`` to those that the application requests."""
        key = {"tenant_id": tenant_id, "client_id": client_id}
        rows = [{**key, **each._asdict()} for each in permissions]
        with self._database.write() as connection:
            if self._database.upsert(connection, requested_permissions, rows):
                names = [each.name for each in permissions]
                self._audit(connection, tenant_id, "app.add_requested", by=by, target=client_id, permissions=names)

    def remove_requested(self, tenant_id: int, client_id: str, permission: RequestedPermission, *, by: str) -> bool:
        """Remove a requested permission; grants stay. Returns whether it was requested."""
        table = requested_permissions
        facts = permission._asdict()
        gone = sa.delete(table).filter_by(tenant_id=tenant_id, client_id=client_id, **facts)
        return self._write_audited(gone, tenant_id, "app.remove_requested", by=by, target=client_id, **facts)


def revoke_everywhere(connection: sa.Connection, client_id: str, now: int) -> None:
    """Revoke every token of an application in all its tenants, which shared the removed credential."""
    known = sa.select(_principals.c.tenant_id).where(_principals.c.client_id == client_id)
    for tenant_id in connection.scalars(known).all():
        revocations.revoke(connection, tenant_id, revocations.of_application(client_id), now)


def note_permission_change(connection: sa.Connection, tenant_id: int, client_id: str, now: int) -> None:
    """Record that the permissions of an application changed at ``now`` (ms), so its next token differs (saas §4)."""
    mine = sa.update(_principals).filter_by(tenant_id=tenant_id, client_id=client_id)
    connection.execute(mine.values(permissions_changed=now))
