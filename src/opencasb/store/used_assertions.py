"""Assertions of clients and security keys already seen, to prevent replay (identity §5.1)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.repository import Repository

used_assertions = sa.Table(
    "used_assertions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("expires", sa.BigInteger, nullable=False),
)


HALF: Final = 32
"""Hex digits of each digest in a row with two: 128 bits."""


class UsedAssertions(Repository):
    """The assertions of each tenant, by the digest of their ``jti`` or challenge; ``client_id`` may be a user id."""

    def use(self, tenant_id: int, client_id: str, digest: str, expires: int) -> bool:
        """Remember an assertion until ``expires`` (ms); returns whether it is new."""
        row = {"tenant_id": tenant_id, "client_id": client_id, "digest": digest, "expires": expires}
        with self._database.write() as connection:
            return self._database.upsert(connection, used_assertions, [row]) == 1

    def keep(self, tenant_id: int, client_id: str, identifier: str, content: str, expires: int) -> bool:
        """Remember until ``expires`` (ms) the content sent under an identifier; returns False if it had other content.

        Both are hexadecimal digests. The row has half of each.
        """
        start = identifier[:HALF]
        row = {"tenant_id": tenant_id, "client_id": client_id, "digest": start + content[:HALF], "expires": expires}
        seen = used_assertions.c
        others = sa.select(seen.digest).where(
            seen.tenant_id == tenant_id,
            seen.client_id == client_id,
            seen.digest.between(start, start + "g"),  # "g" sorts after every digit, so the key alone is enough
            seen.digest != row["digest"],
        )
        with self._database.write() as connection:
            if connection.execute(others).first() is not None:
                return False
            self._database.upsert(connection, used_assertions, [row])
            return True

    def expire(self, before: int) -> int:
        """Delete the assertions that expired before ``before`` (ms), for all tenants; returns how many."""
        return self._write(sa.delete(used_assertions).where(used_assertions.c.expires < before))
