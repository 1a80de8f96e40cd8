"""Streams: reports and data sources (api §12.2, §12.7)."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.stream import GLOBAL_VIEW, Stream, StreamType
from opencasb.store.database import metadata, new_id
from opencasb.store.on_postgresql import on_postgresql
from opencasb.store.receiver_counters import counters
from opencasb.store.receivers import bindings
from opencasb.store.repository import TimedRepository
from opencasb.store.source_shapes import source_shapes, source_warnings
from opencasb.store.taken_objects import taken_objects

_NO_SNAPSHOT: Final = sa.text("stream_type <> 5")
"""Snapshot reports may share a name; a data source or view may not."""

streams = sa.Table(
    "streams",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.String(24), primary_key=True),
    sa.Column("display_name", sa.Text, nullable=False),
    sa.Column("stream_type", sa.Integer, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("last_modified", sa.BigInteger, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("parser", sa.Text, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("port", sa.Integer),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("timezone", sa.Text, nullable=False),
    sa.Column("anonymize_users", sa.Boolean, nullable=False),
    sa.Column("anonymize_machines", sa.Boolean, nullable=False),
    sa.Column("global_aggregated", sa.Boolean, nullable=False),
    sa.Column("last_data_received", sa.BigInteger),
    sa.Column("log_files", sa.Integer, nullable=False),
    sa.Column("failed_log_files", sa.Integer, nullable=False),
    *(
        sa.Column(name, sa.Boolean, nullable=False)
        for name in ("has_users", "has_devices", "has_total_bytes", "has_uploaded_bytes", "has_downloaded_bytes")
    ),
    sa.Index("uq_streams_display_name", "tenant_id", "display_name", unique=True, sqlite_where=_NO_SNAPSHOT),
)
on_postgresql(next(iter(streams.indexes)), streams, where=_NO_SNAPSHOT)


class Streams(TimedRepository):
    """The streams of each tenant; changes that name their author in ``by`` are audited."""

    def all(self, tenant_id: int) -> list[Stream]:
        """Return every stream, oldest first."""
        query = sa.select(streams).where(streams.c.tenant_id == tenant_id)
        return self._all(query.order_by(streams.c.created, streams.c.stream_id), _stream)

    def reports(self, tenant_id: int) -> list[Stream]:
        """Return every stream, the oldest first; the global report is created on first use."""
        found = self.all(tenant_id)
        if any(stream.stream_type is StreamType.VIEW for stream in found):
            return found
        self.global_view(tenant_id)
        return self.all(tenant_id)

    def sources(self) -> list[Stream]:
        """Return the data sources of all tenants, the oldest first."""
        query = sa.select(streams).where(streams.c.stream_type == StreamType.INPUT)
        return self._all(query.order_by(streams.c.created, streams.c.stream_id), _stream)

    def listening(self) -> list[Stream]:
        """Return the data sources of all tenants that have a receiver on this server."""
        return [stream for stream in self.sources() if stream.receiver]

    def newest(self) -> Stream | None:
        """Return the stream, of any tenant, with the most recently counted log; None if there is none."""
        received = streams.c.last_data_received
        return self._one(sa.select(streams).where(received.is_not(None)).order_by(received.desc()).limit(1), _stream)

    def ids(self) -> set[str]:
        """Return the ids of the streams of all tenants."""
        with self._database.read() as connection:
            return set(connection.execute(sa.select(streams.c.stream_id)).scalars())

    def get(self, tenant_id: int, stream_id: str) -> Stream | None:
        """Return one stream, or None."""
        return self._one(sa.select(streams).filter_by(tenant_id=tenant_id, stream_id=stream_id), _stream)

    def by_name(self, tenant_id: int, display_name: str, *, snapshot: bool = False) -> Stream | None:
        """Return the stream with that name; any one of several snapshot reports."""
        kind = streams.c.stream_type == StreamType.SNAPSHOT
        query = sa.select(streams).filter_by(tenant_id=tenant_id, display_name=display_name)
        return self._one(query.where(kind if snapshot else ~kind).limit(1), _stream)

    def global_view(self, tenant_id: int) -> Stream:
        """Return the report over all continuous sources, created on first use."""
        return self.obtain(tenant_id, GLOBAL_VIEW, StreamType.VIEW)

    def obtain(self, tenant_id: int, display_name: str, stream_type: StreamType, **fields: Any) -> Stream:  # any field
        """Return the stream with that name, created with ``fields`` if missing."""
        found = self.by_name(tenant_id, display_name)
        if found is not None:
            return found
        try:
            return self.create(tenant_id, display_name, stream_type, **fields)
        except sa.exc.IntegrityError:  # another process was faster
            found = self.by_name(tenant_id, display_name)
            if found is None:
                raise
            return found

    def snapshot(self, tenant_id: int, stream_id: str, display_name: str, source: str) -> Stream:
        """Return the snapshot report with that id, created if missing, so that its creator may retry."""
        try:
            return self.create(tenant_id, display_name, StreamType.SNAPSHOT, stream_id=stream_id, source=source)
        except sa.exc.IntegrityError:
            found = self.get(tenant_id, stream_id)
            if found is None:
                raise
            return found

    def create(
        self,
        tenant_id: int,
        display_name: str,
        stream_type: StreamType,
        *,
        by: str = "",
        **fields: Any,  # any field
    ) -> Stream:
        """Create a stream. Raises ``sqlalchemy.exc.IntegrityError`` if the name, or a given id, is taken."""
        now = self._clock()
        made = Stream(
            tenant_id=tenant_id,
            display_name=display_name,
            stream_type=stream_type,
            created=now,
            last_modified=now,
            **{"stream_id": new_id(), **fields},
        )
        with self._database.write() as connection:
            connection.execute(sa.insert(streams).values(**msgspec.structs.asdict(made)))
            if by:
                self._audit(connection, tenant_id, "data_source.create", by=by, target=display_name)
        return made

    def update(self, tenant_id: int, stream_id: str, *, by: str = "", **fields: Any) -> None:  # any field
        """Set ``fields`` of one stream."""
        one = {"tenant_id": tenant_id, "stream_id": stream_id}
        with self._database.write() as connection:
            name = connection.scalar(sa.select(streams.c.display_name).filter_by(**one)) if by else None
            connection.execute(sa.update(streams).filter_by(**one).values(last_modified=self._clock(), **fields))
            if name:
                self._audit(connection, tenant_id, "data_source.update", by=by, target=name, **fields)

    def count_file(
        self,
        connection: sa.Connection,
        tenant_id: int,
        stream_id: str,
        attributes: frozenset[str],
        *,
        success: bool,
    ) -> None:
        """Count a log file of a stream, and record its ``attributes`` (user, source_device, total_bytes ...)."""
        seen = {
            "has_users": "user",
            "has_devices": "source_device",
            "has_total_bytes": "total_bytes",
            "has_uploaded_bytes": "uploaded_bytes",
            "has_downloaded_bytes": "downloaded_bytes",
        }
        counter = streams.c.log_files if success else streams.c.failed_log_files
        values: dict[str, Any] = {flag: True for flag, attribute in seen.items() if attribute in attributes}
        values[counter.name] = counter + 1
        if success:
            values["last_data_received"] = self._clock()
        connection.execute(sa.update(streams).filter_by(tenant_id=tenant_id, stream_id=stream_id).values(values))

    def delete(self, tenant_id: int, stream_id: str, *, by: str = "") -> bool:
        """Delete one stream; returns whether it existed. :mod:`opencasb.discovery.removal` deletes its usage, too."""
        one = {"tenant_id": tenant_id, "stream_id": stream_id}
        with self._database.write() as connection:
            for table in (bindings, counters, source_shapes, source_warnings, taken_objects):
                connection.execute(sa.delete(table).filter_by(**one))
            gone = sa.delete(streams).filter_by(**one).returning(streams.c.display_name, streams.c.stream_type)
            found = connection.execute(gone).one_or_none()
            if found and by:
                kind = "snapshot_report" if found.stream_type == StreamType.SNAPSHOT else "data_source"
                self._audit(connection, tenant_id, f"{kind}.delete", by=by, target=found.display_name)
            return found is not None


def _stream(**row: Any) -> Stream:  # of any column
    return Stream(**{**row, "stream_type": StreamType(row["stream_type"])})
