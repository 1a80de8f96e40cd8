"""Scores that tenants set for apps themselves, overriding the facts (portal §4)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.model.score_override import ScoreOverride
from opencasb.model.written_line import checked_note
from opencasb.store.database import metadata
from opencasb.store.repository import fields_of
from opencasb.store.revisions import RevisedRepository

score_overrides = sa.Table(
    "score_overrides",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)


class ScoreOverrides(RevisedRepository):
    """The overrides of each tenant. Every change is audited in its own transaction."""

    SUBJECT = "score_overrides"

    def all(self, tenant_id: int) -> list[ScoreOverride]:
        """Return every override, ordered by app."""
        query = sa.select(*fields_of(score_overrides, ScoreOverride)).where(score_overrides.c.tenant_id == tenant_id)
        return self._all(query.order_by(score_overrides.c.app_id), ScoreOverride)

    def get(self, tenant_id: int, app_id: int) -> ScoreOverride | None:
        """Return the override of one app, or None."""
        return next((each for each in self.all(tenant_id) if each.app_id == app_id), None)

    def put(self, tenant_id: int, app_id: int, score: int, note: str, *, by: str = "system") -> ScoreOverride:
        """Set an app's score, replacing any previous override. Raises ``ValueError`` for an invalid score or note."""
        made = ScoreOverride(
            app_id=app_id, score=score, note=checked_note(note.strip(), "note"), author=by, created=self._clock()
        )
        if isinstance(score, bool) or not 0 <= score <= 10:
            raise ValueError(f"score {score!r} must be 0 (risky) to 10 (safe)")
        row = {"tenant_id": tenant_id, **msgspec.structs.asdict(made)}
        with self._changing(tenant_id) as connection:
            self._database.upsert(connection, score_overrides, [row], update=["score", "note", "author", "created"])
            facts = {"score": score, "note": made.note or None}
            self._audit(connection, tenant_id, "score.override", by=by, target=str(app_id), **facts)
        return made

    def remove(self, tenant_id: int, app_id: int, *, by: str = "system") -> bool:
        """Remove an override, so that the facts decide again; returns whether there was one."""
        gone = sa.delete(score_overrides).filter_by(tenant_id=tenant_id, app_id=app_id)
        with self._changing(tenant_id) as connection:
            found = connection.execute(gone).rowcount > 0
            if found:
                self._audit(connection, tenant_id, "score.remove_override", by=by, target=str(app_id))
        return found
