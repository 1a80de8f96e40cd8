"""The normal shape of each data source's lines, and the warnings that it changed."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.store.database import metadata, new_id
from opencasb.store.repository import TimedRepository

_MOST_IDS: Final = 100

source_shapes = sa.Table(
    "source_shapes",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.String(24), primary_key=True),
    sa.Column("known", sa.JSON, nullable=False),
)

source_warnings = sa.Table(
    "source_warnings",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("warning_id", sa.String(24), primary_key=True),
    sa.Column("stream_id", sa.String(24), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
    sa.Column("raised", sa.BigInteger, nullable=False),
    sa.Column("resolved", sa.BigInteger),
    sa.Column("resolved_by", sa.Text, nullable=False),
    sa.Index("ix_source_warnings_stream", "tenant_id", "stream_id", "raised"),
)
_NEWEST: Final = (source_warnings.c.raised.desc(), source_warnings.c.warning_id)


class SourceWarning(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a data source have changed. Times are ms since the epoch UTC; ``resolved`` None = still open.

    ``before`` and ``after`` are a few lines each, masked where the source hides users or devices.
    """

    tenant_id: int
    warning_id: str
    stream_id: str
    kind: str
    text: str
    before: list[str]
    after: list[str]
    raised: int
    resolved: int | None = None
    resolved_by: str = ""


class SourceShapes(TimedRepository):
    """The shapes and warnings of the data sources of each tenant."""

    def lock(self, connection: sa.Connection, tenant_id: int, stream_id: str) -> dict[str, Any] | None:  # JSON
        """Return the known shape of a source, locked until the transaction ends."""
        row = {"tenant_id": tenant_id, "stream_id": stream_id, "known": {}}
        self._database.upsert(connection, source_shapes, [row])
        query = sa.select(source_shapes.c.known).filter_by(tenant_id=tenant_id, stream_id=stream_id).with_for_update()
        return connection.execute(query).scalar_one() or None

    def known(self, tenant_id: int, stream_id: str) -> dict[str, Any] | None:  # JSON
        """Return the known shape of a source, or None."""
        query = sa.select(source_shapes.c.known).filter_by(tenant_id=tenant_id, stream_id=stream_id)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none() or None

    def keep(self, connection: sa.Connection, tenant_id: int, stream_id: str, known: dict[str, Any]) -> None:  # JSON
        """Replace the known shape of a source."""
        changed = sa.update(source_shapes).filter_by(tenant_id=tenant_id, stream_id=stream_id)
        connection.execute(changed.values(known=known))

    def warn(self, connection: sa.Connection, tenant_id: int, stream_id: str, **told: Any) -> SourceWarning:
        """Raise a warning: ``kind``, ``text``, ``before`` and ``after``."""
        made = SourceWarning(
            tenant_id=tenant_id, warning_id=new_id(), stream_id=stream_id, raised=self._clock(), **told
        )
        connection.execute(sa.insert(source_warnings).values(**msgspec.structs.asdict(made)))
        return made

    def ids(self, connection: sa.Connection, tenant_id: int, stream_id: str, kind: str) -> list[str]:
        """Return the ids of a source's newest warnings of a kind, including resolved ones, at most a hundred."""
        query = sa.select(source_warnings.c.warning_id)
        query = query.filter_by(tenant_id=tenant_id, stream_id=stream_id, kind=kind)
        return list(connection.scalars(query.order_by(*_NEWEST).limit(_MOST_IDS)))

    def warnings(self, tenant_id: int, stream_id: str | None = None, *, resolved: bool = False) -> list[SourceWarning]:
        """Return the open warnings of one source or all, newest first; with ``resolved``, also the resolved ones."""
        query = sa.select(source_warnings).filter_by(tenant_id=tenant_id)
        if stream_id is not None:
            query = query.filter_by(stream_id=stream_id)
        if not resolved:
            query = query.filter_by(resolved=None)
        return self._all(query.order_by(*_NEWEST), SourceWarning)

    def resolve(self, tenant_id: int, warning_id: str, by: str) -> bool:
        """Mark a warning as resolved; returns whether it existed and was open."""
        unresolved = sa.update(source_warnings).filter_by(tenant_id=tenant_id, warning_id=warning_id, resolved=None)
        changed = unresolved.values(resolved=self._clock(), resolved_by=by)
        return self._write_audited(changed, tenant_id, "data_source.resolve_warning", by=by, target=warning_id)
