"""Assertions of clients and of security keys that were seen, so that none is taken twice (identity §5.1)."""

from __future__ import annotations

import sqlalchemy as sa

from opencasb.store.database import Database, metadata

used_assertions = sa.Table(
    "used_assertions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("expires", sa.BigInteger, nullable=False),
)


class UsedAssertions:
    """The assertions of each tenant, by the digest of their ``jti`` or challenge; ``client_id`` may be a user, too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(self, tenant_id: int, client_id: str, digest: str, expires: int) -> bool:
        """Remember an assertion until ``expires`` (ms); tells whether it is new."""
        row = {"tenant_id": tenant_id, "client_id": client_id, "digest": digest, "expires": expires}
        with self._database.write() as connection:
            return self._database.upsert(connection, used_assertions, [row]) == 1

    def expire(self, before: int) -> int:
        """Forget the assertions that expired before ``before`` (ms), of every tenant; returns how many."""
        with self._database.write() as connection:
            return connection.execute(sa.delete(used_assertions).where(used_assertions.c.expires < before)).rowcount
