"""A tenant's own e-mail domains: users with an address in any other domain are external."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from opencasb.model.host_name import host_name
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

own_domains: Final = sa.Table(
    "own_domains",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("domain", sa.String(253), primary_key=True),
)

# Built once, because every delivery of records runs it: building takes longer than running.
_ALL: Final = sa.select(own_domains.c.domain).where(own_domains.c.tenant_id == sa.bindparam("tenant"))


class OwnDomains(TimedRepository):
    """The own domains of each tenant, in lower case."""

    def all(self, tenant_id: int) -> frozenset[str]:
        """Return every domain; without any, it is unknown who is external."""
        with self._database.lookup() as connection:
            return frozenset(connection.scalars(_ALL, {"tenant": tenant_id}))

    def add(self, tenant_id: int, domain: str, *, by: str = "system") -> None:
        """Add a domain with its subdomains; idempotent. Raises ``ValueError`` if it is not a domain name."""
        plain = host_name(domain.strip())
        if plain is None:
            raise ValueError(f"domain {domain!r} is not a domain name such as contoso.example")
        with self._database.write() as connection:
            if self._database.upsert(connection, own_domains, [{"tenant_id": tenant_id, "domain": plain}]):
                self._audit(connection, tenant_id, "own_domain.add", by=by, target=plain)

    def remove(self, tenant_id: int, domain: str, *, by: str = "system") -> bool:
        """Remove a domain; returns whether it existed."""
        plain = host_name(domain.strip())
        gone = sa.delete(own_domains).filter_by(tenant_id=tenant_id, domain=plain)
        return self._write_audited(gone, tenant_id, "own_domain.remove", by=by, target=str(plain))
