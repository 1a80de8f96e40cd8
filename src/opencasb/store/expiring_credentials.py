"""Secrets and certificates that expire soon or expired recently (saas §4)."""

from __future__ import annotations

import sqlalchemy as sa

from opencasb.model.notification import Credential, CredentialKind
from opencasb.store.application_rows import application_secrets, applications
from opencasb.store.registrations import application_certificates
from opencasb.store.repository import Repository


class ExpiringCredentials(Repository):
    """The credentials of applications, by expiry."""

    def between(self, tenant_id: int, after: int, until: int) -> list[Credential]:
        """Return the credentials that expire after ``after`` and no later than ``until`` (ms), earliest expiry first.

        Only those of enabled applications registered in the tenant: others sign nobody in, or are not ours to renew.
        """
        with self._database.read() as connection:
            found = [
                *_ending(connection, "secret", application_secrets, tenant_id, after, until),
                *_ending(connection, "certificate", application_certificates, tenant_id, after, until),
            ]
        return sorted(found, key=lambda each: (each.expires, each.key_id))


def _ending(
    connection: sa.Connection, kind: CredentialKind, table: sa.Table, tenant_id: int, after: int, until: int
) -> list[Credential]:
    known = sa.and_(table.c.tenant_id == applications.c.tenant_id, table.c.client_id == applications.c.client_id)
    columns = (table.c.client_id, applications.c.name.label("application"), *(table.c[name] for name in _OWN))
    query = sa.select(*columns).join_from(table, applications, known)
    query = query.where(
        table.c.tenant_id == tenant_id,
        table.c.expires > after,
        table.c.expires <= until,
        applications.c.home_tenant_id == tenant_id,
        applications.c.disabled.is_(None),
    )
    return [Credential(tenant_id=tenant_id, kind=kind, **row) for row in connection.execute(query).mappings()]


_OWN = ("key_id", "description", "expires")
