"""Records that went: what the feed tells of them.

A deletion by hand takes a number of the sequence of its resource like any change, so a reader meets it in order and
once. A record that came back and was deleted again has the last of its deletions only; deletions are few and stay for
ever, so a reader may come back whenever it likes. What retention removes is told as one mark for each resource: the
time before which no record is kept.
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
    """Note that records were deleted, as part of the transaction that deletes them."""
    if not record_ids:
        return
    first = take(connection, tenant_id, resource, len(record_ids))
    rows = [
        {"tenant_id": tenant_id, "resource": resource, "record_id": record_id, "seq": seq}
        for seq, record_id in enumerate(sorted(record_ids), first)
    ]
    database.upsert(connection, deletions, rows, update=("seq",))


def since(connection: sa.Connection, tenant_id: int, resource: str, seq: int, limit: int) -> Sequence[tuple[int, str]]:
    """Return number and record id of the deletions behind the change number ``seq``, in their order."""
    query = (
        sa.select(deletions.c.seq, deletions.c.record_id)
        .where(deletions.c.tenant_id == tenant_id, deletions.c.resource == resource, deletions.c.seq > seq)
        .order_by(deletions.c.seq)
        .limit(limit)
    )
    return [(number, record_id) for number, record_id in connection.execute(query)]


def note_expiry(database: Database, connection: sa.Connection, tenant_id: int, resource: str, before: int) -> None:
    """Note that retention removes what is from before a time (ms), before the transaction touches the records.

    Writers take a number first, too, so that none waits for another that waits for it.
    """
    seq = take(connection, tenant_id, resource, 1)
    row = {"tenant_id": tenant_id, "resource": resource, "seq": seq, "before": before}
    database.upsert(connection, expiries, [row], update=("seq", "before"))


def expiry_since(connection: sa.Connection, tenant_id: int, resource: str, seq: int) -> tuple[int, int] | None:
    """Return number and time (ms) of the last removal by retention, if it is behind the change number ``seq``."""
    where = (expiries.c.tenant_id == tenant_id, expiries.c.resource == resource, expiries.c.seq > seq)
    found = connection.execute(sa.select(expiries.c.seq, expiries.c.before).where(*where)).one_or_none()
    return None if found is None else (found.seq, found.before)
