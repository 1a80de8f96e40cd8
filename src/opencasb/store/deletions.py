"""Deleted records, for the change feed.

A manual deletion takes a sequence number of its resource like any change, so a reader gets it once and in order. A
record that was restored and deleted again keeps only its last deletion. Deletions are few and never removed, so a
reader may resume at any time. Retention stores only one mark per resource: the time before which no record is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from opencasb.store.database import Database, metadata
from opencasb.store.record_tables import TEXT
from opencasb.store.sequences import take

if TYPE_CHECKING:
    from collections.abc import Sequence

deletions: Final = sa.Table(
    "deletions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("resource", TEXT, primary_key=True),
    sa.Column("record_id", TEXT, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Index("ix_deletions_seq", "tenant_id", "resource", "seq"),
)

expiries: Final = sa.Table(
    "expiries",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("resource", TEXT, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("before", sa.BigInteger, nullable=False),
)


def note(
    database: Database, connection: sa.Connection, tenant_id: int, resource: str, record_ids: Collection[str]
) -> None:
    """Write tombstones for deleted records, in the transaction that deletes them."""
    if not record_ids:
        return
    first = take(connection, tenant_id, resource, len(record_ids))
    rows = [
        {"tenant_id": tenant_id, "resource": resource, "record_id": record_id, "seq": seq}
        for seq, record_id in enumerate(sorted(record_ids), first)
    ]
    database.upsert(connection, deletions, rows, update=("seq",))


def since(connection: sa.Connection, tenant_id: int, resource: str, seq: int, limit: int) -> Sequence[tuple[int, str]]:
    """Return number and record id of the deletions after change number ``seq``, in order."""
    query = (
        sa.select(deletions.c.seq, deletions.c.record_id)
        .where(deletions.c.tenant_id == tenant_id, deletions.c.resource == resource, deletions.c.seq > seq)
        .order_by(deletions.c.seq)
        .limit(limit)
    )
    return [(number, record_id) for number, record_id in connection.execute(query)]


def note_expiry(database: Database, connection: sa.Connection, tenant_id: int, resource: str, before: int) -> None:
    """Note, before the transaction touches the records, that retention removes those from before a time (ms).

    Writers also take a sequence number first, so that no two deadlock.
    """
    seq = take(connection, tenant_id, resource, 1)
    row = {"tenant_id": tenant_id, "resource": resource, "seq": seq, "before": before}
    database.upsert(connection, expiries, [row], update=("seq", "before"))


def expiry_since(connection: sa.Connection, tenant_id: int, resource: str, seq: int) -> tuple[int, int] | None:
    """Return number and time (ms) of the last expiry, if it is after change number ``seq``."""
    where = (expiries.c.tenant_id == tenant_id, expiries.c.resource == resource, expiries.c.seq > seq)
    found = connection.execute(sa.select(expiries.c.seq, expiries.c.before).where(*where)).one_or_none()
    return None if found is None else (found.seq, found.before)
