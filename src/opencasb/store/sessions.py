"""Browser sessions of signed-in users (identity §7.3)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.store.audit_log import record
from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("session_id", sa.String(36), nullable=False),
    sa.Column("user_id", sa.String(36), nullable=False),
    sa.Column("amr", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("signed_in", sa.BigInteger, nullable=False),
    sa.Column("last_used", sa.BigInteger, nullable=False),
    sa.Index("ix_sessions_user_id", "tenant_id", "user_id"),
    sa.Index("ix_sessions_last_used", "last_used"),
)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session, identified by the digest of its cookie. Times are ms; ``amr`` has a word for each factor."""

    digest: str
    session_id: str
    user_id: str
    amr: str
    address: str
    signed_in: int
    last_used: int


class Sessions(Repository):
    """The sessions of each tenant."""

    def add(self, tenant_id: int, session: Session) -> None:
        """Store a new session."""
        self._write(sa.insert(sessions).values(tenant_id=tenant_id, **msgspec.structs.asdict(session)))

    def get(self, tenant_id: int, digest: str) -> Session | None:
        """Return a session, expired or not, or None."""
        return self._one(
            sa.select(*fields_of(sessions, Session)).filter_by(tenant_id=tenant_id, digest=digest), Session
        )

    def touch(self, tenant_id: int, digest: str, now: int) -> None:
        """Record that a session was used at ``now`` (ms)."""
        self._write(sa.update(sessions).filter_by(tenant_id=tenant_id, digest=digest).values(last_used=now))

    def of_user(self, tenant_id: int, user_id: str) -> list[Session]:
        """Return the sessions of a user, most recently used first."""
        query = sa.select(*fields_of(sessions, Session)).filter_by(tenant_id=tenant_id, user_id=user_id)
        return self._all(query.order_by(sessions.c.last_used.desc()), Session)

    def remove(self, tenant_id: int, digest: str) -> bool:
        """End a session; returns whether it existed."""
        return self._write(sa.delete(sessions).filter_by(tenant_id=tenant_id, digest=digest)) > 0

    def remove_of_user(self, tenant_id: int, user_id: str, session_id: str, now: int, *, by: str) -> bool:
        """End one session of a user; returns whether it existed."""
        gone = sa.delete(sessions).filter_by(tenant_id=tenant_id, user_id=user_id, session_id=session_id)
        with self._database.write() as connection:
            found = connection.execute(gone).rowcount > 0
            if found:
                record(connection, tenant_id, now, "session.end", by=by, target=by, session_id=session_id)
        return found

    def expire(self, before: int) -> int:
        """Delete the sessions last used before ``before`` (ms), for all tenants; returns how many."""
        return self._write(sa.delete(sessions).where(sessions.c.last_used < before))
