"""The change feed of a resource: its changed and its deleted records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from opencasb.store import deletions

if TYPE_CHECKING:
    from opencasb.store.record_tables import RecordKind


@dataclass(frozen=True, slots=True)
class Change:
    """The last change of a record, as the feed returns it; ``seq`` is its change number.

    For a ``deleted`` record the document has only ``_id`` and ``deleted``. Everything that retention removed is one
    such change with an empty id, which no record has; its document also has ``expiredBefore`` (ms).
    """

    seq: int
    record_id: str
    document: bytes
    deleted: bool = False


def changes(connection: sa.Connection, kind: RecordKind, tenant_id: int, seq: int, limit: int) -> list[Change]:
    """Return the records changed or deleted after change number ``seq``, in commit order.

    No change appears later with a number below one already returned. A record changed twice comes once, in its current
    state.
    """
    table, last = kind.table, kind.changed
    query = (
        sa.select(last, table.c.record_id, table.c.document)
        .where(table.c.tenant_id == tenant_id, last > seq)
        .order_by(last)
        .limit(limit)
    )
    changed = [Change(number, each, text.encode()) for number, each, text in connection.execute(query)]
    gone = deletions.since(connection, tenant_id, kind.name, seq, limit)
    deleted = [Change(number, each, _tombstone(each), deleted=True) for number, each in gone]
    if expired := deletions.expiry_since(connection, tenant_id, kind.name, seq):
        number, before = expired
        deleted.append(Change(number, "", _tombstone("", expiredBefore=before), deleted=True))
    return sorted(changed + deleted, key=lambda change: change.seq)[:limit]


def _tombstone(record_id: str, **more: int) -> bytes:
    return msgspec.json.encode({"_id": record_id, "deleted": True, **more})
