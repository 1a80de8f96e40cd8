"""Revisions: a number per tenant and subject that grows with every change, so that derived data can be cached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import ClassVar

import sqlalchemy as sa

from opencasb.store.database import Database, metadata
from opencasb.store.repository import TimedRepository

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("subject", sa.String(32), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

# Built once, because every delivery of records runs it: building takes longer than running.
_SUM = sa.select(sa.func.sum(revisions.c.number)).where(
    revisions.c.tenant_id == sa.bindparam("tenant"), revisions.c.subject.in_(sa.bindparam("subjects", expanding=True))
)


@contextmanager
def changing(database: Database, tenant_id: int, subject: str) -> Iterator[sa.Connection]:
    """Open a transaction that counts as a change of ``subject``; others that change it wait until it ends."""
    with database.write() as connection:
        database.upsert(connection, revisions, [{"tenant_id": tenant_id, "subject": subject, "number": 0}])
        mine = (revisions.c.tenant_id == tenant_id, revisions.c.subject == subject)
        connection.execute(sa.update(revisions).where(*mine).values(number=revisions.c.number + 1))
        yield connection


def revision(database: Database, tenant_id: int, *subjects: str) -> int:
    """Return a number that changes whenever any of ``subjects`` does."""
    with database.lookup() as connection:
        return int(connection.scalar(_SUM, {"tenant": tenant_id, "subjects": list(subjects)}) or 0)


class RevisedRepository(TimedRepository):
    """A repository with a revision, called ``SUBJECT``."""

    SUBJECT: ClassVar[str]

    def revision(self, tenant_id: int) -> int:
        """Return a number that changes with every change of the tenant's rows."""
        return revision(self._database, tenant_id, self.SUBJECT)

    def _changing(self, tenant_id: int) -> AbstractContextManager[sa.Connection]:
        """Open a transaction that counts as a change, as :func:`changing` does."""
        return changing(self._database, tenant_id, self.SUBJECT)
