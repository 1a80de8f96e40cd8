"""The objects that a data source has read from an object store: each is read once unless it changes."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.repository import Repository

taken_objects = sa.Table(
    "taken_objects",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.String(24), primary_key=True),
    sa.Column("path", sa.String(1024), primary_key=True),
    sa.Column("version", sa.Text, nullable=False),
)


class TakenObjects(Repository):
    """The objects that were read, by data source; ``version`` is an ETag."""

    def all(self, tenant_id: int, stream_id: str) -> dict[str, str]:
        """Return path → version."""
        query = sa.select(taken_objects.c.path, taken_objects.c.version).filter_by(
            tenant_id=tenant_id, stream_id=stream_id
        )
        with self._database.read() as connection:
            return {row.path: row.version for row in connection.execute(query)}

    def add(self, tenant_id: int, stream_id: str, path: str, version: str) -> None:
        """Record an object as read."""
        row = {"tenant_id": tenant_id, "stream_id": stream_id, "path": path, "version": version}
        with self._database.write() as connection:
            self._database.upsert(connection, taken_objects, [row], update=["version"])

    def forget(self, tenant_id: int, stream_id: str, paths: Collection[str]) -> None:
        """Delete the entries of objects that are gone from their store."""
        gone = (
            sa.delete(taken_objects)
            .filter_by(tenant_id=tenant_id, stream_id=stream_id)
            .where(taken_objects.c.path == sa.bindparam("gone"))
        )
        if paths:
            with self._database.write() as connection:
                connection.execute(gone, [{"gone": path} for path in paths])
