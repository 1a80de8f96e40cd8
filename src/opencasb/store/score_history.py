"""Changes of the scores of discovered apps, with their causes.

A tenant's last known scores are stored with the state that they were computed from (the ``basis``), so that the next
comparison can tell what changed and which part of the basis caused it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.store.database import metadata, new_id
from opencasb.store.repository import Repository, fields_of
from opencasb.store.revisions import changing

SUBJECT: Final = "score_history"
NEW: Final = -1
"""Score of an app that was unknown before; no real score has this value."""

score_bases = sa.Table(
    "score_bases",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("basis", sa.JSON, nullable=False),
)

known_scores = sa.Table(
    "known_scores",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("score", sa.Integer),
)

score_changes = sa.Table(
    "score_changes",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("change_id", sa.String(24), primary_key=True),
    sa.Column("time", sa.BigInteger, nullable=False),
    sa.Column("app_id", sa.Integer, nullable=False),
    sa.Column("before", sa.Integer),
    sa.Column("after", sa.Integer),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Index("ix_score_changes_time", "tenant_id", "time", "change_id"),
    sa.Index("ix_score_changes_app", "tenant_id", "app_id", "time", "change_id"),
)


class ScoreChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of an app's score, null being unscored; ``cause`` names what changed, ``author`` who changed it.

    ``time`` is when it was noticed, in ms since the epoch UTC.
    """

    change_id: str
    time: int
    app_id: int
    before: int | None
    after: int | None
    cause: str
    author: str


class ScoreHistory(Repository):
    """The score history of each tenant."""

    def basis(self, tenant_id: int) -> dict[str, Any] | None:  # JSON
        """Return the basis of the last known scores; None before the first."""
        with self._database.read() as connection:
            return _basis(connection, tenant_id)

    def settle(
        self,
        tenant_id: int,
        basis: Mapping[str, Any],  # JSON
        scores: Mapping[int, int | None],
        *,
        unseen: Mapping[int, int | None],
        causes: Mapping[str, str],
        time: int,
        author: str,
    ) -> list[ScoreChange]:
        """Store ``scores`` (by app) as the last known ones and record the changes; returns them.

        ``causes`` names parts of the basis. An app that was not known is new, not changed, unless it is in ``unseen``:
        then it had the score given there, and is not stored while it still has it.
        """
        with changing(self._database, tenant_id, SUBJECT) as connection:
            before = _basis(connection, tenant_id) or {}
            if before == basis:
                return []
            known = _known(connection, tenant_id)
            cause = ", ".join(name for part, name in causes.items() if before.get(part) != basis.get(part))
            changes = [
                ScoreChange(
                    change_id=new_id(), time=time, app_id=app_id, before=was, after=score, cause=cause, author=author
                )
                for app_id, score in scores.items()
                if (was := known.get(app_id, unseen.get(app_id, score))) != score
            ]
            fresh = {
                app_id: score for app_id, score in scores.items() if known.get(app_id, unseen.get(app_id, NEW)) != score
            }
            self._settle(connection, tenant_id, basis, fresh, changes)
            return changes

    def _settle(
        self,
        connection: sa.Connection,
        tenant_id: int,
        basis: Mapping[str, Any],  # JSON
        scores: Mapping[int, int | None],
        changes: Sequence[ScoreChange],
    ) -> None:
        self._database.upsert(
            connection, score_bases, [{"tenant_id": tenant_id, "basis": dict(basis)}], update=["basis"]
        )
        rows = [{"tenant_id": tenant_id, "app_id": app_id, "score": score} for app_id, score in scores.items()]
        self._database.upsert(connection, known_scores, rows, update=["score"])
        if changes:
            told = [{"tenant_id": tenant_id, **msgspec.structs.asdict(each)} for each in changes]
            connection.execute(sa.insert(score_changes), told)

    def latest(
        self, tenant_id: int, *, app_id: int | None = None, before: str | None = None, limit: int = 100
    ) -> list[ScoreChange] | None:
        """Return score changes of all apps or one, newest first; given ``before``, only changes older than that one.

        None if there is no such change.
        """
        mine = [score_changes.c.tenant_id == tenant_id]
        if app_id is not None:
            mine.append(score_changes.c.app_id == app_id)
        place = sa.tuple_(score_changes.c.time, score_changes.c.change_id)
        with self._database.read() as connection:
            if before is not None:
                then = connection.scalar(
                    sa.select(score_changes.c.time).where(mine[0], score_changes.c.change_id == before)
                )
                if then is None:
                    return None
                mine.append(place < sa.tuple_(sa.literal(then, sa.BigInteger), sa.literal(before)))
            order = (score_changes.c.time.desc(), score_changes.c.change_id.desc())
            query = sa.select(*fields_of(score_changes, ScoreChange)).where(*mine).order_by(*order).limit(limit)
            return [ScoreChange(**row) for row in connection.execute(query).mappings()]

    def expire(self, tenant_id: int, before: int) -> int:
        """Delete the changes noted before ``before`` (ms); returns how many. The last known scores stay."""
        old = (score_changes.c.tenant_id == tenant_id, score_changes.c.time < before)
        return self._write(sa.delete(score_changes).where(*old))


def _basis(connection: sa.Connection, tenant_id: int) -> dict[str, Any] | None:  # JSON
    found: dict[str, Any] | None = connection.scalar(
        sa.select(score_bases.c.basis).where(score_bases.c.tenant_id == tenant_id)
    )
    return found


def _known(connection: sa.Connection, tenant_id: int) -> dict[int, int | None]:
    query = sa.select(known_scores.c.app_id, known_scores.c.score).where(known_scores.c.tenant_id == tenant_id)
    return dict(connection.execute(query).all())
