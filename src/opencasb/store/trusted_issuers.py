"""Trusted issuers of each tenant (identity §7.5).

At most one tenant trusts a directory, because the directory's tokens do not say which tenant they are for.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.trusted_issuer import RoleMapping, TrustedIssuer
from opencasb.store.audit_log import record
from opencasb.store.conflict import Conflict, unique
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

trusted_issuers = sa.Table(
    "trusted_issuers",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("issuer", sa.String(36), primary_key=True),
    sa.Column("authority", sa.String(255), nullable=False),
    sa.Column("audiences", sa.JSON, nullable=False),
    sa.Column("graph_audiences", sa.JSON, nullable=False),
    sa.Column("directory_roles", sa.Boolean, nullable=False),
    sa.Column("vendor_audience", sa.Boolean, nullable=False),
    sa.Column("role_mapping", sa.JSON, nullable=False),
    sa.Column("pinned_keys", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("anywhere", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.UniqueConstraint("issuer"),
)
_KEY = ("tenant_id", "issuer", "created")
MOST: Final = 20
"""Most issuers of a tenant: their keys are renewed one after the other."""


class TrustedIssuers(TimedRepository):
    """The trusted issuers of each tenant."""

    def put(self, issuer: TrustedIssuer, *, by: str) -> None:
        """Trust an issuer, or change its configuration.

        Raises :class:`Conflict` if another tenant trusts it, or there are ``MOST`` others.
        """
        now = self._clock()
        row: dict[str, Any] = msgspec.to_builtins(issuer) | {"created": now}
        changed = [name for name in row if name not in _KEY]
        facts = {name: row[name] for name in changed if name not in {"pinned_keys", "role_mapping"}}
        mapped = [str(each) for each in issuer.role_mapping]
        others = (trusted_issuers.c.tenant_id == issuer.tenant_id, trusted_issuers.c.issuer != issuer.issuer)
        count = sa.select(sa.func.count()).where(*others)
        facts |= {"role_mapping": mapped, "pinned_keys": bool(issuer.pinned_keys)}
        taken = f"the directory {issuer.issuer!r} is trusted by another tenant of this server"
        with unique(taken), self._database.write() as connection:
            if connection.execute(count).scalar_one() >= MOST:
                raise Conflict(f"the tenant trusts {MOST} directories already, which is the most")
            self._database.upsert(connection, trusted_issuers, [row], update=changed)
            record(connection, issuer.tenant_id, now, "trust.put", by=by, target=issuer.issuer, **facts)

    def get(self, tenant_id: int, issuer: str) -> TrustedIssuer | None:
        """Return one trusted issuer of a tenant, or None."""
        return next(iter(self._some(tenant_id=tenant_id, issuer=issuer)), None)

    def all(self, tenant_id: int) -> list[TrustedIssuer]:
        """Return the trusted issuers of a tenant, oldest first."""
        return self._some(tenant_id=tenant_id)

    def of_every_tenant(self) -> list[TrustedIssuer]:
        """Return the issuers of all tenants, to check tokens: the issuer of a token determines its tenant."""
        return self._some()

    def remove(self, tenant_id: int, issuer: str, *, by: str) -> bool:
        """Stop trusting an issuer; returns whether it was trusted."""
        gone = sa.delete(trusted_issuers).filter_by(tenant_id=tenant_id, issuer=issuer)
        return self._write_audited(gone, tenant_id, "trust.remove", by=by, target=issuer)

    def _some(self, **key: int | str) -> list[TrustedIssuer]:
        query = sa.select(trusted_issuers).filter_by(**key)
        return self._all(query.order_by(trusted_issuers.c.created, trusted_issuers.c.issuer), _issuer)


def _issuer(**row: Any) -> TrustedIssuer:  # of any column
    mapping = msgspec.convert(row["role_mapping"], list[RoleMapping])
    lists = {name: tuple(row[name]) for name in ("audiences", "graph_audiences")}
    return TrustedIssuer(**{**row, **lists, "role_mapping": tuple(mapping)})
