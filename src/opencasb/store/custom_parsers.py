"""The custom parsers of each tenant, in every version (portal §3).

A version never changes: a changed definition becomes the next version, and what earlier ones parsed stays as it is.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.model.custom_parser import CustomParser
from opencasb.store.audit_log import record
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

custom_parsers = sa.Table(
    "custom_parsers",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("removed", sa.BigInteger),
)


class CustomParsers(TimedRepository):
    """The custom parsers of each tenant."""

    def all(self, tenant_id: int) -> list[CustomParser]:
        """Return the newest version of every parser that was not removed, ordered by name."""
        query = sa.select(custom_parsers).filter_by(tenant_id=tenant_id, removed=None)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(custom_parsers.c.name, custom_parsers.c.version)).mappings()
            newest = {row["name"]: CustomParser(**row) for row in rows}
        return list(newest.values())

    def versions(self, tenant_id: int, name: str) -> list[CustomParser]:
        """Return every version of a parser, newest first, even if the parser was removed."""
        with self._database.read() as connection:
            return _versions(connection, tenant_id, name)

    def get(self, tenant_id: int, name: str) -> CustomParser | None:
        """Return the newest version of a parser, or None."""
        newest = next(iter(self.versions(tenant_id, name)), None)
        return newest if newest is not None and newest.removed is None else None

    def put(self, tenant_id: int, name: str, definition: str, *, by: str = "system") -> CustomParser:
        """Store a definition as the next version, unless it equals the newest; returns the version.

        Raises ``sqlalchemy.exc.IntegrityError`` if another caller creates the same version at the same time.
        """
        with self._database.write() as connection:
            known = _versions(connection, tenant_id, name)
            if known and known[0].removed is None and known[0].definition == definition:
                return known[0]
            made = CustomParser(
                tenant_id=tenant_id,
                name=name,
                version=known[0].version + 1 if known else 1,
                definition=definition,
                created=self._clock(),
                created_by=by,
            )
            connection.execute(sa.insert(custom_parsers).values(**msgspec.structs.asdict(made)))
            record(connection, tenant_id, made.created, "parser.put", by=by, target=name, version=made.version)
        return made

    def remove(self, tenant_id: int, name: str, *, by: str = "system") -> bool:
        """Remove a parser but keep its versions readable; returns whether it existed."""
        present = sa.update(custom_parsers).filter_by(tenant_id=tenant_id, name=name, removed=None)
        return self._write_audited(
            present.values(removed=self._clock()), tenant_id, "parser.remove", by=by, target=name
        )


def _versions(connection: sa.Connection, tenant_id: int, name: str) -> list[CustomParser]:
    query = sa.select(custom_parsers).filter_by(tenant_id=tenant_id, name=name)
    rows = connection.execute(query.order_by(custom_parsers.c.version.desc())).mappings()
    return [CustomParser(**row) for row in rows]
