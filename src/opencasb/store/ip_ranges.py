"""IP ranges: address blocks that a tenant has named and categorised (api §11).

A second table holds each range's outermost blocks. Blocks of different ranges are disjoint, so the nearest block below
an address shows whether anything overlaps, however many ranges there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.ip_block import IpBlock, outermost
from opencasb.store import ip_tags
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database, metadata, new_id
from opencasb.store.ip_range_documents import RangeRule, built_in_range, checked, document, record_of
from opencasb.store.ip_tags import BUILT_IN
from opencasb.store.record_tables import TEXT, RecordKind
from opencasb.store.records import Records
from opencasb.store.revisions import RevisedRepository

KIND: Final = RecordKind.of(
    "ip_ranges",
    order=("name", "category", "modified", "tag_names"),
    columns=[
        sa.Column("name", TEXT, nullable=False),
        sa.Column("category", sa.Integer, nullable=False),
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.Column("tag_names", TEXT, nullable=False),
        sa.Column("is_built_in", sa.Boolean, nullable=False),
    ],
)

ip_range_blocks = sa.Table(
    "ip_range_blocks",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("first", sa.LargeBinary(16), primary_key=True),
    sa.Column("last", sa.LargeBinary(16), nullable=False),
    sa.Column("record_id", sa.String(24), nullable=False),
    sa.Index("ix_ip_range_blocks_record_id", "tenant_id", "record_id"),
)


class BuiltIn(ValueError):
    """A built-in range cannot be changed."""


class IpRanges(RevisedRepository):
    """The IP ranges of each tenant. Every change is audited in its own transaction; a tenant's writers queue up."""

    SUBJECT = "ip_ranges"

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database, clock)
        self.records = Records(database, KIND)

    def all(self, tenant_id: int) -> list[dict[str, Any]]:  # wire records
        """Return the wire records of the tenant's own ranges, ordered by name."""
        table = KIND.table
        query = sa.select(table.c.document).where(table.c.tenant_id == tenant_id, ~table.c.is_built_in)
        with self._database.read() as connection:
            found = connection.scalars(query.order_by(table.c.name, table.c.record_id))
            return [msgspec.json.decode(text) for text in found]

    def get(self, tenant_id: int, range_id: str) -> dict[str, Any] | None:  # a wire record
        """Return the wire record of a range, built-in or not, or None."""
        return built_in_range(range_id) if range_id in BUILT_IN else self.records.get(tenant_id, range_id)

    def create(self, tenant_id: int, rule: RangeRule, *, by: str = "system") -> dict[str, Any]:  # a wire record
        """Create a range and return its wire record.

        Raises ``ValueError`` naming an invalid field and its value, :class:`Conflict` if another range has the name or
        some of the addresses.
        """
        ruled, blocks = checked(rule)
        with self._changing(tenant_id) as connection:
            made = self._store(connection, tenant_id, new_id(), ruled, blocks)
            self._note(connection, tenant_id, "ip_range.create", made, by)
        return made

    def update(
        self, tenant_id: int, range_id: str, rule: RangeRule, *, by: str = "system"
    ) -> dict[str, Any] | None:  # a wire record
        """Replace a whole range and return its wire record; None if there is none.

        Raises as :meth:`create` does, and :class:`BuiltIn`.
        """
        _refuse_built_in(range_id)
        ruled, blocks = checked(rule)
        with self._changing(tenant_id) as connection:
            if not self.records.many(tenant_id, [range_id], connection=connection):
                return None
            _free(connection, tenant_id, range_id)
            made = self._store(connection, tenant_id, range_id, ruled, blocks)
            self._note(connection, tenant_id, "ip_range.update", made, by)
        return made

    def delete(self, tenant_id: int, range_id: str, *, by: str = "system") -> bool:
        """Delete a range; returns whether it existed. Raises :class:`BuiltIn`."""
        _refuse_built_in(range_id)
        with self._changing(tenant_id) as connection:
            found = self.records.many(tenant_id, [range_id], connection=connection).get(range_id)
            if found is None:
                return False
            _free(connection, tenant_id, range_id)
            self.records.delete(tenant_id, [range_id], connection=connection)
            self._note(connection, tenant_id, "ip_range.delete", found, by)
        return True

    def show_built_in(self, tenant_id: int) -> None:
        """Add the built-in ranges to the tenant's records if they are missing, so that lists find them."""
        if len(self.records.many(tenant_id, BUILT_IN)) < len(BUILT_IN):
            self.records.add(tenant_id, [record_of(built_in_range(tag_id)) for tag_id in BUILT_IN])

    def _store(
        self, connection: sa.Connection, tenant_id: int, range_id: str, rule: RangeRule, blocks: Sequence[IpBlock]
    ) -> dict[str, Any]:  # a wire record
        _refuse_name(connection, tenant_id, range_id, rule.name)
        texts = dict(zip(blocks, rule.subnets, strict=True))
        reserved = outermost(blocks)
        for block in reserved:
            _refuse_overlap(connection, tenant_id, block, texts[block])
        made = document(
            tenant_id, range_id, rule, blocks, ip_tags.resolve(connection, tenant_id, rule.tags), self._clock()
        )
        self.records.put(tenant_id, [record_of(made)], connection=connection)
        rows = [
            {"tenant_id": tenant_id, "first": _key(block.first), "last": _key(block.last), "record_id": range_id}
            for block in reserved
        ]
        connection.execute(sa.insert(ip_range_blocks), rows)
        return made

    def _note(
        self,
        connection: sa.Connection,
        tenant_id: int,
        action: str,
        made: Mapping[str, Any],  # a wire record
        by: str,
    ) -> None:
        subnets = [subnet["originalString"] for subnet in made["subnets"]]
        tags = [tag["name"] for tag in made["tags"]]
        details = {"id": made["_id"], "category": made["category"], "subnets": subnets, "tags": tags}
        self._audit(connection, tenant_id, action, by=by, target=made["name"], **details)


def _refuse_built_in(range_id: str) -> None:
    if range_id in BUILT_IN:
        raise BuiltIn(f"IP range {BUILT_IN[range_id]!r} is built in and cannot be changed")


def _refuse_name(connection: sa.Connection, tenant_id: int, range_id: str, name: str) -> None:
    table = KIND.table
    same = (table.c.tenant_id == tenant_id, table.c.name == name.lower(), ~table.c.is_built_in)
    query = sa.select(table.c.record_id).where(*same, table.c.record_id != range_id)
    if connection.execute(query).first() is not None:
        raise Conflict(f"name: {name!r} is the name of another IP range")


def _refuse_overlap(connection: sa.Connection, tenant_id: int, block: IpBlock, text: str) -> None:
    near = ip_range_blocks
    below = (near.c.tenant_id == tenant_id, near.c.first <= _key(block.last))
    query = sa.select(near.c.last, near.c.record_id).where(*below).order_by(near.c.first.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None or row.last < _key(block.first):
        return
    table = KIND.table
    other = sa.select(table.c.document).where(table.c.tenant_id == tenant_id, table.c.record_id == row.record_id)
    name = msgspec.json.decode(connection.execute(other).scalar_one())["name"]
    raise Conflict(f"subnets: {text!r} overlaps IP range {name!r}")


def _free(connection: sa.Connection, tenant_id: int, range_id: str) -> None:
    connection.execute(sa.delete(ip_range_blocks).filter_by(tenant_id=tenant_id, record_id=range_id))


def _key(number: int) -> bytes:
    return number.to_bytes(16, "big")
