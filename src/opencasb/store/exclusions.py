"""Excluded entities: users, addresses and devices whose traffic is left out of new reports (portal §2.6)."""

from __future__ import annotations

from typing import Literal

import msgspec
import sqlalchemy as sa

from opencasb.store.audit_log import record
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

exclusions = sa.Table(
    "exclusions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("value", sa.String(320), primary_key=True),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)

Kind = Literal["user", "ip", "device"]


class Exclusion(msgspec.Struct, frozen=True, kw_only=True):
    """One excluded user name (any case), source address or block (CIDR), or device name. ``created`` is in ms."""

    tenant_id: int
    kind: Kind
    value: str
    comment: str
    created: int


class Exclusions(TimedRepository):
    """The exclusions of each tenant."""

    def all(self, tenant_id: int) -> list[Exclusion]:
        """Return every exclusion, ordered by kind and value."""
        query = sa.select(exclusions).where(exclusions.c.tenant_id == tenant_id)
        return self._all(query.order_by(exclusions.c.kind, exclusions.c.value), Exclusion)

    def add(self, tenant_id: int, kind: Kind, value: str, comment: str = "", *, by: str = "system") -> Exclusion:
        """Exclude an entity from now on; repeated, the comment is replaced."""
        made = Exclusion(tenant_id=tenant_id, kind=kind, value=value, comment=comment, created=self._clock())
        with self._database.write() as connection:
            self._database.upsert(connection, exclusions, [msgspec.structs.asdict(made)], update=["comment"])
            record(connection, tenant_id, made.created, "exclusion.add", by=by, target=value, kind=kind)
        return made

    def remove(self, tenant_id: int, kind: Kind, value: str, *, by: str = "system") -> bool:
        """Include an entity again; tells whether it was excluded."""
        gone = sa.delete(exclusions).filter_by(tenant_id=tenant_id, kind=kind, value=value)
        return self._write_audited(gone, tenant_id, "exclusion.remove", by=by, target=value, kind=kind)
