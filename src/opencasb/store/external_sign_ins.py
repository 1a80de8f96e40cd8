"""The external OpenID provider of each tenant that has one."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from opencasb.model.external_sign_in import ExternalSignIn, Link
from opencasb.store.audit_log import record
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

external_sign_ins = sa.Table(
    "external_sign_ins",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("name_claim", sa.String(32), nullable=False),
    sa.Column("links", sa.JSON, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("anywhere", sa.Boolean, nullable=False, server_default=sa.true()),
)


class ExternalSignIns(TimedRepository):
    """At most one provider for each tenant."""

    def put(self, provider: ExternalSignIn, *, by: str) -> None:
        """Store a tenant's provider, replacing any previous one."""
        now = self._clock()
        row = msgspec.structs.asdict(provider) | {"created": now, "links": [list(each) for each in provider.links]}
        facts = {name: row[name] for name in ("client_id", "label", "name_claim", "links", "anywhere")}
        with self._database.write() as connection:
            changed = [name for name in row if name not in {"tenant_id", "created"}]
            self._database.upsert(connection, external_sign_ins, [row], update=changed)
            record(connection, provider.tenant_id, now, "external_sign_in.put", by=by, target=provider.issuer, **facts)

    def get(self, tenant_id: int) -> ExternalSignIn | None:
        """Return the provider of a tenant, or None."""
        query = sa.select(external_sign_ins).where(external_sign_ins.c.tenant_id == tenant_id)
        return self._one(query, _provider)

    def remove(self, tenant_id: int, *, by: str) -> bool:
        """Remove a tenant's provider; returns whether there was one."""
        gone = sa.delete(external_sign_ins).where(external_sign_ins.c.tenant_id == tenant_id)
        return self._write_audited(gone, tenant_id, "external_sign_in.remove", by=by)


def _provider(**row: Any) -> ExternalSignIn:  # of any column
    return ExternalSignIn(**{**row, "links": tuple(Link(*each) for each in row["links"])})
