"""Counters of what receivers have accepted for each data source, and what they could not."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.repository import Repository

counters = sa.Table(
    "receiver_counters",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.String(24), primary_key=True),
    sa.Column("lines", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("drops", sa.BigInteger, nullable=False),
    sa.Column("errors", sa.BigInteger, nullable=False),
    sa.Column("last_seen", sa.BigInteger),
    sa.Column("last_error", sa.Text, nullable=False),
)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was received since a source was created, or, to be added, since the last time.

    ``lines`` and ``bytes`` were passed on, uncompressed as they came. ``drops`` are datagrams that the kernel had no
    room for, and messages for which the disk had none. ``errors`` counts other failures, with the last one in words.
    ``last_seen`` is in ms since the epoch UTC.
    """

    tenant_id: int
    stream_id: str
    lines: int = 0
    bytes: int = 0
    drops: int = 0
    errors: int = 0
    last_seen: int | None = None
    last_error: str = ""


class ReceiverCounters(Repository):
    """The counters of the data sources of each tenant."""

    def get(self, tenant_id: int, stream_id: str) -> Taken:
        """Return the counters of a data source."""
        query = sa.select(counters).filter_by(tenant_id=tenant_id, stream_id=stream_id)
        return self._one(query, Taken) or Taken(tenant_id=tenant_id, stream_id=stream_id)

    def all(self) -> list[Taken]:
        """Return the counters of the data sources of every tenant."""
        return self._all(sa.select(counters).order_by(counters.c.tenant_id, counters.c.stream_id), Taken)

    def add(self, taken: Iterable[Taken], connection: sa.Connection | None = None) -> None:
        """Add increments, at most one per source, in the caller's transaction if given."""
        rows = list(taken)
        if rows and connection is not None:
            self._add(connection, rows)
        elif rows:
            with self._database.write() as own:
                self._add(own, rows)

    def _add(self, connection: sa.Connection, rows: list[Taken]) -> None:
        new: dict[str, sa.BindParameter[int]] = {
            name: sa.bindparam(f"new_{name}") for name in ("lines", "bytes", "drops", "errors")
        }
        sums = {name: counters.c[name] + value for name, value in new.items()}
        seen = sa.bindparam("new_last_seen", type_=sa.BigInteger)
        error = sa.bindparam("new_last_error", type_=sa.Text)
        changed = (
            sa.update(counters)
            .where(
                counters.c.tenant_id == sa.bindparam("new_tenant_id"),
                counters.c.stream_id == sa.bindparam("new_stream_id"),
            )
            .values(
                **sums,
                last_seen=sa.func.coalesce(seen, counters.c.last_seen),
                last_error=sa.case((error == "", counters.c.last_error), else_=error),
            )
        )
        nothing = [Taken(tenant_id=row.tenant_id, stream_id=row.stream_id) for row in rows]
        self._database.upsert(connection, counters, [msgspec.structs.asdict(each) for each in nothing])
        values = [{**msgspec.structs.asdict(row), "last_error": row.last_error.replace("\0", "")} for row in rows]
        connection.execute(changed, [{f"new_{name}": value for name, value in row.items()} for row in values])
