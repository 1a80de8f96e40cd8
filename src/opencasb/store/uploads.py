"""Uploads: an incoming log file is its own durable job record (design rule 5).

States: ``open`` (URL issued) → ``received`` (bytes are durable) → ``queued`` → ``done`` or ``failed``. A worker leases
a queued upload and keeps renewing the lease; another worker takes over if the lease expires or its process is gone.
``lease_owner`` is the current worker, or empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.guarded import Guarded
from opencasb.store.database import Database, metadata
from opencasb.store.repository import TimedRepository
from opencasb.store.turns import Source, Turns

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("upload_id", sa.String(24), primary_key=True),
    sa.Column("secret_hash", sa.String(64), unique=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("stream_id", sa.String(24)),
    sa.Column("task_id", sa.String(24)),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("received", sa.BigInteger),
    sa.Column("finished", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("lease_owner", sa.Text, nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("interruptions", sa.Integer, nullable=False, server_default="0"),
    sa.Column("result", sa.JSON),
    sa.Index("ix_uploads_state", "state", "received"),
)

LEASE_MS: Final = 30_000
"""A worker that has not renewed for this long is considered dead."""

MAX_ATTEMPTS: Final = 5
"""A file that killed its worker this often is failed, so that it cannot block the queue indefinitely."""

MAX_INTERRUPTIONS: Final = 20
"""How often a server may end while processing a file, before the file itself is suspected; takes over an hour."""

WAIT_MS: Final = 1_000
LONGEST_WAIT_MS: Final = 300_000
"""Longest back-off of a file whose server ended during processing; doubles each time, from the second time on."""

SYSLOG: Final = "syslog"
"""Origin of syslog receiver segments; the others are ``api``, ``folder``, ``cli`` and ``demo``."""

_ON_THE_WAY: Final = ("open", "received")
_ENDED: Final = ("done", "failed")


class Upload(Guarded, frozen=True, kw_only=True):
    """One upload. Times are ms since the epoch UTC; ``digest`` is the SHA-256 of the bytes as received."""

    GUARDED: ClassVar = ("secret_hash",)

    tenant_id: int
    upload_id: str
    origin: str
    filename: str
    source: str
    created: int
    secret_hash: str | None = None
    stream_id: str | None = None
    task_id: str | None = None
    created_by: str = ""
    received: int | None = None
    finished: int | None = None
    state: str = "open"
    size: int = 0
    digest: str = ""
    lease_owner: str = ""
    lease_until: int = 0
    attempts: int = 0
    interruptions: int = 0
    result: dict[str, Any] | None = None  # counts and verdict, JSON


class Uploads(TimedRepository):
    """The uploads of all tenants."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database, clock)
        self._turns = Turns()

    def add(self, upload: Upload) -> None:
        """Insert a new upload; an existing one is left unchanged."""
        with self._database.write() as connection:
            self._database.upsert(connection, uploads, [msgspec.structs.asdict(upload)])

    def get(self, tenant_id: int, upload_id: str) -> Upload | None:
        """Return one upload, or None."""
        return self._one(sa.select(uploads).filter_by(tenant_id=tenant_id, upload_id=upload_id), Upload)

    def by_secret(self, secret_hash: str) -> Upload | None:
        """Return the upload whose URL carries the secret with that hash: the URL is the credential (api §12.1)."""
        return self._one(sa.select(uploads).filter_by(secret_hash=secret_hash), Upload)

    def change(
        self,
        tenant_id: int,
        upload_id: str,
        *,
        expect: tuple[str, ...] = (),
        **values: Any,  # of any column
    ) -> bool:
        """Set ``values`` of an upload if its state is one of ``expect`` (empty: any); returns whether it was."""
        change = sa.update(uploads).filter_by(tenant_id=tenant_id, upload_id=upload_id).values(**values)
        return self._write(change.where(uploads.c.state.in_(expect)) if expect else change) > 0

    def receive(self, upload: Upload, size: int, digest: str, place: Callable[[str], None]) -> bool:
        """Record that the file of an upload has arrived; returns False, without effect, after step 3.

        ``place`` moves the file to its final path before anyone else can change the upload. Its argument is the digest
        of the file in effect until the transaction ends, or empty; that file stays in effect if ``place`` or the
        transaction fails.
        """
        mine = (uploads.c.tenant_id == upload.tenant_id, uploads.c.upload_id == upload.upload_id)
        where = (*mine, uploads.c.state.in_(_ON_THE_WAY))
        values = {"state": "received", "received": self._clock(), "size": size, "digest": digest}
        with self._database.write() as connection:
            before = connection.execute(
                sa.select(uploads.c.digest).where(*where).with_for_update()
            ).scalar_one_or_none()
            if before is None:
                return False
            place(before)
            connection.execute(sa.update(uploads).where(*where).values(**values))
        return True

    def lease(self, owner: str) -> Upload | None:
        """Lease the oldest free queued upload of the data source whose turn it is; None if there is none.

        An upload with an expired lease was interrupted, which does not count as an attempt, as in :meth:`release`.
        """
        now = self._clock()
        free = (uploads.c.state == "queued", uploads.c.lease_until < now)
        with self._database.write() as connection:
            for source in self._turns.order(_waiting(connection, free)):
                found = connection.execute(_oldest(source, free)).one_or_none()
                if found is not None:  # no other worker was faster
                    self._turns.served(source, now)
                    return _leased(connection, found, owner, now)
        return None

    def finish(
        self,
        upload: Upload,
        state: str,
        result: dict[str, Any],  # JSON
        also: Callable[[sa.Connection], None],
    ) -> bool:
        """End a queued upload as ``done`` or ``failed``, and run ``also`` in the same transaction.

        Returns False, and does nothing, if another worker has ended it already.
        """
        key = {"tenant_id": upload.tenant_id, "upload_id": upload.upload_id}
        ended = sa.update(uploads).filter_by(**key, state="queued")
        with self._database.write() as connection:
            if connection.execute(ended.values(state=state, result=result, finished=self._clock())).rowcount == 0:
                return False
            also(connection)
        return True

    def waiting(self) -> set[str]:
        """Return the ids of unfinished uploads of all tenants: their files are still needed."""
        query = sa.select(uploads.c.upload_id).where(uploads.c.state.not_in(_ENDED))
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def renew(self, upload: Upload) -> bool:
        """Renew the lease; False if another worker has it now."""
        key = {"tenant_id": upload.tenant_id, "upload_id": upload.upload_id, "lease_owner": upload.lease_owner}
        return self._write(sa.update(uploads).filter_by(**key).values(lease_until=self._clock() + LEASE_MS)) > 0

    def release(self, is_gone: Callable[[str], bool]) -> int:
        """Release the leases whose owner ``is_gone``; returns how many.

        The end of a server does not count as an attempt for the files it was processing. From the second time on they
        back off, longer each time, so that others get their turn in case one of these files ended the server.
        """
        now, times = self._clock(), uploads.c.interruptions
        waits = {n: now + min(WAIT_MS * 2 ** (n + 1), LONGEST_WAIT_MS) for n in range(1, MAX_INTERRUPTIONS + 1)}
        freed = {
            "lease_owner": "",
            "lease_until": sa.case(waits, value=times, else_=0),
            "attempts": uploads.c.attempts - 1,
            "interruptions": times + 1,
        }
        in_work = (uploads.c.state == "queued", uploads.c.lease_owner != "")
        query = sa.select(uploads.c.lease_owner).where(*in_work).distinct()
        with self._database.write() as connection:
            gone = [owner for owner in connection.execute(query).scalars() if is_gone(owner)]
            where = (*in_work, uploads.c.lease_owner.in_(gone))
            return connection.execute(sa.update(uploads).where(*where).values(**freed)).rowcount if gone else 0

    def queued(self, *, source: Source | None = None) -> int:
        """Return how many uploads are queued or in progress: all, or those of a data source."""
        query = sa.select(sa.func.count()).select_from(uploads).filter_by(state="queued")
        if source is not None:
            query = query.filter_by(tenant_id=source[0], stream_id=source[1])
        with self._database.read() as connection:
            return connection.execute(query).scalar_one()

    def queued_by_tenant(self, origin: str) -> dict[int, int]:
        """Return how many uploads of an origin are queued or in progress, for each tenant that has any."""
        query = sa.select(uploads.c.tenant_id, sa.func.count()).filter_by(state="queued", origin=origin)
        with self._database.read() as connection:
            return dict(connection.execute(query.group_by(uploads.c.tenant_id)).all())

    def oldest_queued(self) -> int | None:
        """Return when the oldest upload that waits or is being worked on was received (ms); None if there is none."""
        query = sa.select(sa.func.min(uploads.c.received)).filter_by(state="queued")
        with self._database.read() as connection:
            oldest: int | None = connection.execute(query).scalar_one()
        return oldest

    def forget_unfinished(self, before: int) -> int:
        """Delete the uploads that were created before ``before`` (ms) and never completed; returns how many.

        Syslog segments stay: their receiver hands them over again under the same id, however late.
        """
        return self._forget(uploads.c.state.in_(_ON_THE_WAY), uploads.c.created < before, uploads.c.origin != SYSLOG)

    def forget_ended(self, before: int, segments_before: int) -> int:
        """Delete what ended before ``before`` (ms), syslog segments before ``segments_before``; returns how many."""
        limit = sa.case((uploads.c.origin == SYSLOG, segments_before), else_=before)
        ended = sa.func.coalesce(uploads.c.finished, uploads.c.created)
        return self._forget(uploads.c.state.in_(_ENDED), ended < limit)

    def _forget(self, *where: sa.ColumnElement[bool]) -> int:
        return self._write(sa.delete(uploads).where(*where))


def _waiting(connection: sa.Connection, free: Sequence[sa.ColumnElement[bool]]) -> dict[Source, int]:
    """Return the data sources of free uploads, each with the arrival time of its oldest."""
    source = (uploads.c.tenant_id, uploads.c.stream_id)
    query = sa.select(*source, sa.func.min(uploads.c.received).label("oldest")).where(*free).group_by(*source)
    return {(row.tenant_id, row.stream_id): row.oldest or 0 for row in connection.execute(query)}


def _oldest(source: Source, free: Sequence[sa.ColumnElement[bool]]) -> sa.Select[tuple[int, str]]:
    return (
        sa.select(uploads.c.tenant_id, uploads.c.upload_id)
        .filter_by(tenant_id=source[0], stream_id=source[1])
        .where(*free)
        .order_by(uploads.c.received, uploads.c.upload_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _leased(connection: sa.Connection, found: sa.Row[tuple[int, str]], owner: str, now: int) -> Upload:
    left = sa.case((uploads.c.lease_owner != "", 1), else_=0)
    where = (uploads.c.tenant_id == found.tenant_id, uploads.c.upload_id == found.upload_id)
    taken = {
        "lease_owner": owner,
        "lease_until": now + LEASE_MS,
        "attempts": uploads.c.attempts + 1 - left,
        "interruptions": uploads.c.interruptions + left,
    }
    connection.execute(sa.update(uploads).where(*where).values(**taken))
    return Upload(**connection.execute(sa.select(uploads).where(*where)).mappings().one())
