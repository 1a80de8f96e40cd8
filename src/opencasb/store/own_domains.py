"""The e-mail domains that are a tenant's own: whoever has an address of another one is external."""

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

# Built once, because it is asked for every delivery of records: building takes longer than running.
_ALL: Final = sa.select(own_domains.c.domain).where(own_domains.c.tenant_id == sa.bindparam("tenant"))


class OwnDomains(TimedRepository):
    """The own domains of each tenant, in lower case."""

    def all(self, tenant_id: int) -> frozenset[str]:
        """Return every domain; none means that nobody knows who is external."""
        with self._database.lookup() as connection:
            return frozenset(connection.scalars(_ALL, {"tenant": tenant_id}))

    def add(self, tenant_id: int, domain: str, *, by: str = "system") -> None:
        """Add a domain and what is below it; repeated, nothing changes. Raises ``ValueError`` for no domain name."""
        plain = host_name(domain.strip())
        if plain is None:
            raise ValueError(f"domain {domain!r} is not a domain name such as contoso.example")
        with self._database.write() as connection:
            if self._database.upsert(connection, own_domains, [{"tenant_id": tenant_id, "domain": plain}]):
                self._audit(connection, tenant_id, "own_domain.add", by=by, target=plain)

    def remove(self, tenant_id: int, domain: str, *, by: str = "system") -> bool:
        """Remove a domain; tells whether it was there."""
        plain = host_name(domain.strip())
        gone = sa.delete(own_domains).filter_by(tenant_id=tenant_id, domain=plain)
        return self._write_audited(gone, tenant_id, "own_domain.remove", by=by, target=str(plain))
