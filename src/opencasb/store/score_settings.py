"""The weights of risk factors in each tenant's scores (portal §4). Only differences from the defaults are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from opencasb.model.factor import Group, Importance
from opencasb.model.factors import SCORED
from opencasb.model.score_settings import DEFAULT, GROUPS, ScoreSettings
from opencasb.store.database import metadata
from opencasb.store.revisions import RevisedRepository

FACTOR: Final = "factor"
GROUP: Final = "group"

score_settings = sa.Table(
    "score_settings",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("importance", sa.String(16), nullable=False),
    sa.Column("counted", sa.Boolean, nullable=False),
)


class ScoreSettingsStore(RevisedRepository):
    """The score settings of each tenant. Every change is audited in its own transaction."""

    SUBJECT = "score_settings"

    def get(self, tenant_id: int) -> ScoreSettings:
        """Return the settings of a tenant."""
        with self._database.read() as connection:
            return _read(connection, tenant_id)

    def change(
        self,
        tenant_id: int,
        *,
        factors: Mapping[str, Importance] | None = None,
        groups: Mapping[Group, Importance] | None = None,
        counted: Mapping[str, bool] | None = None,
        by: str = "system",
    ) -> ScoreSettings:
        """Change what is given and return the settings: importance by factor key and by group, and what counts unknown.

        Raises ``ValueError`` for a key that is not a factor that counts.
        """
        factors, groups, counted = factors or {}, groups or {}, counted or {}
        _check([*factors, *counted])
        with self._changing(tenant_id) as connection:
            before = _read(connection, tenant_id)
            after = ScoreSettings(
                factors={**before.factors, **factors},
                groups={**before.groups, **groups},
                counted=(before.counted - counted.keys()) | {key for key, value in counted.items() if value},
            )
            connection.execute(sa.delete(score_settings).where(score_settings.c.tenant_id == tenant_id))
            rows = [{"tenant_id": tenant_id, **row} for row in _rows(after)]
            if rows:
                connection.execute(sa.insert(score_settings), rows)
            self._audit(
                connection,
                tenant_id,
                "score.weigh",
                by=by,
                factors=dict(factors) or None,
                groups=dict(groups) or None,
                count_unknown=dict(counted) or None,
            )
            return _read(connection, tenant_id)

    def reset(self, tenant_id: int, *, by: str = "system") -> None:
        """Reset all settings to the defaults."""
        with self._changing(tenant_id) as connection:
            connection.execute(sa.delete(score_settings).where(score_settings.c.tenant_id == tenant_id))
            self._audit(connection, tenant_id, "score.reset_weights", by=by)


def _check(keys: list[str]) -> None:
    wrong = next((key for key in keys if key not in SCORED), None)
    if wrong is not None:
        raise ValueError(f"factor {wrong!r} does not count in scores; allowed: {', '.join(SCORED)}")


def _rows(settings: ScoreSettings) -> list[dict[str, Any]]:  # column values of any type
    """Return the rows for everything that differs from the defaults."""
    factors = [
        {
            "kind": FACTOR,
            "key": key,
            "importance": settings.importance(factor).value,
            "counted": key in settings.counted,
        }
        for key, factor in SCORED.items()
        if settings.importance(factor) is not factor.importance or key in settings.counted
    ]
    groups = [
        {"kind": GROUP, "key": group.value, "importance": settings.group_importance(group).value, "counted": False}
        for group in GROUPS
        if settings.group_importance(group) is not DEFAULT.group_importance(group)
    ]
    return [*factors, *groups]


def _read(connection: sa.Connection, tenant_id: int) -> ScoreSettings:
    """Return the settings; skips rows for factors that this release does not have."""
    query = sa.select(score_settings).where(score_settings.c.tenant_id == tenant_id)
    rows = connection.execute(query.order_by(score_settings.c.kind, score_settings.c.key)).mappings().all()
    factors = [row for row in rows if row["kind"] == FACTOR and row["key"] in SCORED]
    return ScoreSettings(
        factors={
            row["key"]: Importance(row["importance"])
            for row in factors
            if row["importance"] != SCORED[row["key"]].importance
        },
        groups={Group(row["key"]): Importance(row["importance"]) for row in rows if row["kind"] == GROUP},
        counted=frozenset(row["key"] for row in factors if row["counted"]),
    )
