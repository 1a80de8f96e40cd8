"""What the feed tells of the records of a resource: those that changed, and those that went."""

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
    """The last change of a record, for the feed; ``seq`` is the number of that change.

    Where it was ``deleted``, the document has no more than ``_id`` and ``deleted``. What retention removed is one such
    change without an id, which no record has, and its document has ``expiredBefore`` (ms) besides.
    """

    seq: int
    record_id: str
    document: bytes
    deleted: bool = False


def changes(connection: sa.Connection, kind: RecordKind, tenant_id: int, seq: int, limit: int) -> list[Change]:
    """Return the records changed or deleted after the change number ``seq``, in the order of commits.

    No change appears later with a number below one that was returned; a record changed twice comes once, as it is.
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
