"""Tenants: numbers, guids, domains and pseudonym keys."""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Final, Literal, get_args

import msgspec
import sqlalchemy as sa

from opencasb.filters.errors import shown
from opencasb.model.id_forms import is_guid
from opencasb.model.tenant import Tenant
from opencasb.model.written_line import is_name
from opencasb.store.audit_log import record
from opencasb.store.conflict import unique
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

tenants = sa.Table(
    "tenants",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("guid", sa.String(36), nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("domain", sa.Text, nullable=False, unique=True),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("sealed_pseudonym_key", sa.LargeBinary, nullable=False),
    sa.Column("password_grant", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("api_tokens", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("second_factor", sa.Boolean, nullable=False, server_default=sa.false()),
)

Switch = Literal["password_grant", "api_tokens", "second_factor"]
"""The switches of a tenant; see :class:`Tenant`."""
SWITCHES: Final[tuple[Switch, ...]] = get_args(Switch)

PSEUDONYM_KEY_BYTES: Final = 32
"""Length of a pseudonym key that is not sealed."""
LOWEST_ID: Final = 10_000_000
HIGHEST_ID: Final = 999_999_999
"""Tenant numbers have 8 or 9 digits (api §1.2)."""

_DOMAIN = re.compile(r"(?=.{3,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")

# Built once, because every delivery of activities runs it: building takes longer than running.
_GUID: Final = sa.select(tenants.c.guid).where(tenants.c.tenant_id == sa.bindparam("tenant"))


class Tenants(TimedRepository):
    """All tenants of the server."""

    def create(self, name: str, *, domain: str | None = None, by: str = "system") -> Tenant:
        """Create a tenant. Without ``domain``, one is derived from the name.

        Raises :class:`Conflict` if name or domain is taken, ``ValueError`` if one of them is malformed.
        """
        if not name.strip() or len(name) > 256 or not is_name(name):
            raise ValueError(f"tenant name {shown(name)!r} must have 1 to 256 printable characters")
        number = LOWEST_ID + secrets.randbelow(HIGHEST_ID - LOWEST_ID + 1)
        made = Tenant(
            tenant_id=number,
            guid=str(uuid.uuid4()),
            name=name.strip(),
            domain=_checked_domain(domain) if domain else self._free_domain(name, number),
            created=self._clock(),
            sealed_pseudonym_key=secrets.token_bytes(PSEUDONYM_KEY_BYTES),
        )
        self._insert(made, by)
        return made

    def switch(self, tenant_id: int, name: Switch, *, on: bool, by: str = "system") -> bool:
        """Change a switch of a tenant; returns whether the tenant exists."""
        change = sa.update(tenants).where(tenants.c.tenant_id == tenant_id).values({name: on})
        return self._write_audited(change, tenant_id, "tenant.switch", by=by, target=name, on=on)

    def seal_pseudonym_key(self, tenant: Tenant, sealed: bytes) -> bool:
        """Replace a tenant's pseudonym key by its sealed form; return False if it is another one meanwhile."""
        column = tenants.c.sealed_pseudonym_key
        mine = (tenants.c.tenant_id == tenant.tenant_id) & (column == tenant.sealed_pseudonym_key)
        return self._write(sa.update(tenants).where(mine).values({column: sealed})) > 0

    def renew_pseudonym_key(self, tenant_id: int, key: bytes, *, by: str) -> bool:
        """Give a tenant another pseudonym key; returns whether the tenant exists."""
        change = sa.update(tenants).where(tenants.c.tenant_id == tenant_id).values(sealed_pseudonym_key=key)
        return self._write_audited(change, tenant_id, "tenant.renew_pseudonyms", by=by)

    def get(self, tenant_id: int) -> Tenant | None:
        """Return the tenant with that number, or None."""
        return self._find(tenant_id=tenant_id)

    def guid(self, tenant_id: int) -> str | None:
        """Return the guid of the tenant with that number, or None."""
        with self._database.lookup() as connection:
            return connection.execute(_GUID, {"tenant": tenant_id}).scalar_one_or_none()

    def by_guid_or_domain(self, text: str) -> Tenant | None:
        """Return the tenant that the first path segment of an OAuth URL identifies (any case), or None."""
        plain = text.lower() if text.isascii() else ""  # other letters have ASCII ones as their lower case
        if is_guid(plain):
            return self._find(guid=plain)
        return self._find(domain=plain) if _DOMAIN.fullmatch(plain) else None

    def by_name(self, name: str) -> Tenant | None:
        """Return the tenant with exactly that name, or None."""
        return self._find(name=name)

    def all(self) -> list[Tenant]:
        """Return every tenant, oldest first."""
        query = sa.select(tenants).order_by(tenants.c.created, tenants.c.tenant_id)
        return self._all(query, Tenant)

    def default(self) -> Tenant | None:
        """Return the oldest tenant, which commands use by default; None if there is none."""
        return next(iter(self.all()), None)

    def _free_domain(self, name: str, number: int) -> str:
        if _DOMAIN.fullmatch(name.lower()):
            return name.lower()
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:40].strip("-") or "tenant"
        domain = f"{slug}.opencasb.local"
        return domain if self.by_guid_or_domain(domain) is None else f"{slug}-{number}.opencasb.local"

    def _insert(self, made: Tenant, by: str) -> None:
        taken = f"a tenant with the name {made.name!r} or the domain {made.domain!r} exists"
        with unique(taken), self._database.write() as connection:
            connection.execute(sa.insert(tenants).values(**msgspec.structs.asdict(made)))
            record(connection, made.tenant_id, made.created, "tenant.create", by=by, target=made.name)

    def _find(self, **key: int | str) -> Tenant | None:
        return self._one(sa.select(tenants).filter_by(**key), Tenant)


def _checked_domain(domain: str) -> str:
    if not _DOMAIN.fullmatch(domain.lower()):
        raise ValueError(f"domain {domain!r} is not a domain name such as contoso.example")
    return domain.lower()
