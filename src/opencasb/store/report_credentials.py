"""Report credentials: their digests, rights and use. The secrets themselves are never stored."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.model.report_credential import ReportCredential
from opencasb.store.audit_log import record
from opencasb.store.database import metadata, new_id
from opencasb.store.repository import TimedRepository

report_credentials = sa.Table(
    "report_credentials",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("credential_id", sa.String(24), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("user_data", sa.Boolean, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("last_used", sa.BigInteger),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
)

_PUBLIC = [column for column in report_credentials.c if column.name != "digest"]


class ReportCredentials(TimedRepository):
    """The report credentials of each tenant."""

    def add(
        self, tenant_id: int, name: str, *, digest: str, hint: str, user_data: bool, expires: int, by: str = "system"
    ) -> ReportCredential:
        """Store a new credential; ``digest`` is its keyed hash, ``hint`` its first characters, ``expires`` in ms."""
        made = ReportCredential(
            tenant_id=tenant_id,
            credential_id=new_id(),
            name=name,
            hint=hint,
            user_data=user_data,
            created=self._clock(),
            created_by=by,
            expires=expires,
        )
        noted = {"credential_id": made.credential_id, "user_data": user_data, "expires": expires}
        with self._database.write() as connection:
            connection.execute(sa.insert(report_credentials).values(digest=digest, **msgspec.structs.asdict(made)))
            record(connection, tenant_id, made.created, "report_credential.create", by=by, target=name, **noted)
        return made

    def by_digest(self, digest: str) -> ReportCredential | None:
        """Return the credential with that keyed hash, or None. It determines the tenant, so that is not a parameter."""
        return self._one(sa.select(*_PUBLIC).filter_by(digest=digest), ReportCredential)

    def all(self, tenant_id: int) -> list[ReportCredential]:
        """Return the credentials of the tenant, oldest first."""
        table = report_credentials
        query = sa.select(*_PUBLIC).where(table.c.tenant_id == tenant_id)
        return self._all(query.order_by(table.c.created, table.c.credential_id), ReportCredential)

    def touch(self, tenant_id: int, credential_id: str, now: int) -> None:
        """Record that the credential was used at ``now`` (ms)."""
        self._write(
            sa.update(report_credentials)
            .filter_by(tenant_id=tenant_id, credential_id=credential_id)
            .values(last_used=now)
        )

    def revoke(self, tenant_id: int, credential_id: str, *, by: str = "system") -> bool:
        """Remove the credential permanently, with immediate effect; returns whether it existed."""
        gone = sa.delete(report_credentials).filter_by(tenant_id=tenant_id, credential_id=credential_id)
        with self._database.write() as connection:
            name = connection.execute(gone.returning(report_credentials.c.name)).scalar_one_or_none()
            if name is None:
                return False
            noted = {"by": by, "target": name, "credential_id": credential_id}
            self._audit(connection, tenant_id, "report_credential.revoke", **noted)
        return True
