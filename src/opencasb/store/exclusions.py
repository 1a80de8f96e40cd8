"""Excluded entities: users, addresses and devices whose traffic is left out of new reports (portal §2.6)."""

from __future__ import annotations

import ipaddress
from typing import Final, Literal

import msgspec
import sqlalchemy as sa

from opencasb.filters.errors import shown
from opencasb.model.written_line import checked_note, is_written_line
from opencasb.store.audit_log import record
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

LONGEST_VALUE: Final = 320
"""Most characters of a name."""

exclusions = sa.Table(
    "exclusions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("value", sa.String(LONGEST_VALUE), primary_key=True),
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


def _checked(kind: Kind, value: str) -> str:
    if kind == "ip":
        try:
            ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"value {shown(value)!r} is not an address or block") from None
    elif not value.strip():
        raise ValueError(f"value {value!r} is not the name of a {kind}")
    elif len(value) > LONGEST_VALUE or not is_written_line(value):
        allowed = f"allowed: a line of at most {LONGEST_VALUE} characters, this one has {len(value)}"
        raise ValueError(f"value {shown(value)!r} is not the name of a {kind}: {allowed}")
    return value


class Exclusions(TimedRepository):
    """The exclusions of each tenant."""

    def all(self, tenant_id: int) -> list[Exclusion]:
        """Return every exclusion, ordered by kind and value."""
        query = sa.select(exclusions).where(exclusions.c.tenant_id == tenant_id)
        return self._all(query.order_by(exclusions.c.kind, exclusions.c.value), Exclusion)

    def add(self, tenant_id: int, kind: Kind, value: str, comment: str = "", *, by: str = "system") -> Exclusion:
        """Exclude an entity from now on; if it is already excluded, replace the comment.

        Raises ``ValueError`` naming an invalid field and what is allowed.
        """
        checked_note(comment, "comment")
        made = Exclusion(
            tenant_id=tenant_id, kind=kind, value=_checked(kind, value), comment=comment, created=self._clock()
        )
        with self._database.write() as connection:
            self._database.upsert(connection, exclusions, [msgspec.structs.asdict(made)], update=["comment"])
            record(connection, tenant_id, made.created, "exclusion.add", by=by, target=value, kind=kind)
        return made

    def remove(self, tenant_id: int, kind: Kind, value: str, *, by: str = "system") -> bool:
        """Include an entity again; returns whether it was excluded."""
        gone = sa.delete(exclusions).filter_by(tenant_id=tenant_id, kind=kind, value=value)
        return self._write_audited(gone, tenant_id, "exclusion.remove", by=by, target=value, kind=kind)
