"""Security keys and passkeys of users, as registered with WebAuthn (identity §12)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.store.audit_log import record
from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of

security_keys = sa.Table(
    "security_keys",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("credential_id", sa.Text, primary_key=True),
    sa.Column("user_id", sa.String(36), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("last_used", sa.BigInteger),
    sa.Index("ix_security_keys_user_id", "tenant_id", "user_id"),
)


class SecurityKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a user. ``credential_id`` is base64url, ``sign_count`` the signature counter at its last use."""

    credential_id: str
    user_id: str
    name: str
    public_key: bytes
    sign_count: int
    created: int
    last_used: int | None = None


class SecurityKeys(Repository):
    """The security keys of each tenant's users."""

    def of_user(self, tenant_id: int, user_id: str) -> list[SecurityKey]:
        """Return the keys of a user, oldest first."""
        query = sa.select(*fields_of(security_keys, SecurityKey)).filter_by(tenant_id=tenant_id, user_id=user_id)
        return self._all(query.order_by(security_keys.c.created, security_keys.c.credential_id), SecurityKey)

    def add(self, tenant_id: int, key: SecurityKey, *, by: str) -> bool:
        """Store a new key; returns whether it was unknown in the tenant."""
        row = {"tenant_id": tenant_id, **msgspec.structs.asdict(key)}
        with self._database.write() as connection:
            added = self._database.upsert(connection, security_keys, [row]) == 1
            if added:
                record(connection, tenant_id, key.created, "security_key.add", by=by, target=key.user_id, name=key.name)
        return added

    def used(self, tenant_id: int, key: SecurityKey, sign_count: int, now: int) -> None:
        """Record a use of a key at ``now`` (ms), with its signature counter."""
        names = {"tenant_id": tenant_id, "user_id": key.user_id, "credential_id": key.credential_id}
        self._write(sa.update(security_keys).filter_by(**names).values(sign_count=sign_count, last_used=now))

    def remove(self, tenant_id: int, user_id: str, credential_id: str | None, now: int, *, by: str) -> int:
        """Remove a key of a user, or all of them for None; returns how many there were."""
        which = () if credential_id is None else (security_keys.c.credential_id == credential_id,)
        with self._database.write() as connection:
            gone = connection.execute(
                sa.delete(security_keys).filter_by(tenant_id=tenant_id, user_id=user_id).where(*which)
            ).rowcount
            if gone:
                record(connection, tenant_id, now, "security_key.remove", by=by, target=user_id, keys=gone)
        return gone
