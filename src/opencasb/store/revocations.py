"""Revocations: the time up to which tokens of a subject no longer count (identity §7.3).

A repository that withdraws a right calls :func:`revoke` in its own transaction, so that nobody can be shut out and
still hold a working token. Access and refresh tokens are both checked against the same list.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from opencasb.model.durations import DAY
from opencasb.store.database import metadata
from opencasb.store.insert import insert_into
from opencasb.store.repository import Repository

KEPT: Final = 91 * DAY
"""How long (ms) a revocation is kept: a day longer than any token it could affect."""

revocations = sa.Table(
    "revocations",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("subject", sa.String(120), primary_key=True),
    sa.Column("before", sa.BigInteger, nullable=False),
)
# Built once, because every API call with a bearer token runs it.
_LATEST = sa.select(sa.func.max(revocations.c.before)).where(
    revocations.c.tenant_id == sa.bindparam("tenant_id"),
    revocations.c.subject.in_(sa.bindparam("subjects", expanding=True)),
)


def of_user(user_id: str) -> str:
    """Return the subject of everything issued for a user's sign-ins."""
    return f"user:{user_id}"


def of_application(client_id: str) -> str:
    """Return the subject of every token of an application."""
    return f"app:{client_id}"


def of_consent(client_id: str, user_id: str) -> str:
    """Return the subject of one user's consent to an application."""
    return f"consent:{client_id}:{user_id}"


def of_family(family_id: str) -> str:
    """Return the subject of all tokens that go back to one authorization."""
    return f"family:{family_id}"


def of_token(token_id: str) -> str:
    """Return the subject of a single access token, by its ``uti``."""
    return f"token:{token_id}"


def revoke(connection: sa.Connection, tenant_id: int, subject: str, now: int) -> None:
    """Revoke every token of ``subject`` issued up to ``now`` (ms), as part of a transaction."""
    revoked = insert_into(connection.dialect.name, revocations)
    later = revoked.values(tenant_id=tenant_id, subject=subject, before=now).on_conflict_do_update(
        index_elements=[revocations.c.tenant_id, revocations.c.subject], set_={"before": revoked.excluded.before}
    )
    connection.execute(later)


class Revocations(Repository):
    """The revocations of each tenant."""

    def add(self, tenant_id: int, subject: str, now: int) -> None:
        """Revoke every token of ``subject`` issued up to ``now`` (ms)."""
        with self._database.write() as connection:
            revoke(connection, tenant_id, subject, now)

    def concern(self, tenant_id: int, subjects: Collection[str], issued: int) -> bool:
        """Return whether tokens issued at ``issued`` (ms) for these subjects have been revoked since."""
        with self._database.lookup() as connection:
            latest = connection.scalar(_LATEST, {"tenant_id": tenant_id, "subjects": list(subjects)})
        return latest is not None and issued <= latest

    def expire(self, now: int) -> int:
        """Delete revocations that can no longer affect any token; returns how many."""
        return self._write(sa.delete(revocations).where(revocations.c.before < now - KEPT))
