"""What logs revealed about domains outside the catalog besides usage: their hosts and sign-in providers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from opencasb.model.trace import MOST, Trace
from opencasb.store.database import metadata
from opencasb.store.repository import Repository

unlisted_traces = sa.Table(
    "unlisted_traces",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("domain", sa.Text, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("last_seen", sa.BigInteger, nullable=False),
    sa.Index("ix_unlisted_traces_last_seen", "tenant_id", "last_seen"),
)


class UnlistedTraces(Repository):
    """The traces of each tenant; recording them is idempotent except for the time, so a batch may be repeated."""

    def note(self, tenant_id: int, traces: Iterable[Trace], now: int) -> None:
        """Record traces seen at ``now`` (ms); of each domain and kind the first :data:`opencasb.model.trace.MOST`."""
        wanted = sorted(set(traces))
        if not wanted:
            return
        known = self.all(tenant_id)
        rows = [{"tenant_id": tenant_id, **trace._asdict(), "last_seen": now} for trace in first_of_each(known, wanted)]
        with self._database.write() as connection:
            self._database.upsert(connection, unlisted_traces, rows, update=["last_seen"])

    def all(self, tenant_id: int) -> set[Trace]:
        """Return every trace."""
        columns = [unlisted_traces.c[name] for name in Trace._fields]
        query = sa.select(*columns).where(unlisted_traces.c.tenant_id == tenant_id)
        with self._database.read() as connection:
            return {Trace(*row) for row in connection.execute(query)}

    def forget(self, tenant_id: int, before: int) -> None:
        """Delete the traces last seen before ``before`` (ms)."""
        old = (unlisted_traces.c.tenant_id == tenant_id, unlisted_traces.c.last_seen < before)
        self._write(sa.delete(unlisted_traces).where(*old))


def first_of_each(known: set[Trace], wanted: Iterable[Trace]) -> Iterator[Trace]:
    """Yield those of ``wanted`` that are ``known``, and new ones up to ``MOST`` per domain and kind."""
    count = Counter((trace.domain, trace.kind) for trace in known)
    for trace in wanted:
        key = (trace.domain, trace.kind)
        if trace not in known:
            if count[key] >= MOST:
                continue
            count[key] += 1
        yield trace
