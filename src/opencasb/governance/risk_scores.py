"""The entry point for a tenant's changes to risk scores: weights, and overrides (portal §4).

Each change is settled at once: the history records its effect, and the governance log that scores were recalculated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from opencasb.catalog.explanation import explanation
from opencasb.catalog.fact import facts_of
from opencasb.discovery.score_keeping import ScoreKeeping
from opencasb.discovery.tenant_catalogs import TenantCatalogs
from opencasb.model.app import App
from opencasb.model.factor import Group, Importance
from opencasb.model.score_override import ScoreOverride
from opencasb.model.score_settings import ScoreSettings
from opencasb.store.governance import GovernanceLog
from opencasb.store.score_overrides import ScoreOverrides
from opencasb.store.score_settings import ScoreSettingsStore

TASK: Final = "DiscoveryCalculateTask"
TEMPLATE: Final = "SCORES_CALCULATED"

Result = TypeVar("Result")


@dataclass(eq=False)
class RiskScores:
    """Changes the weights and overrides of scores."""

    _settings: ScoreSettingsStore
    _overrides: ScoreOverrides
    _catalogs: TenantCatalogs
    _keeping: ScoreKeeping
    _governance_log: GovernanceLog

    def weigh(
        self,
        tenant_id: int,
        *,
        factors: Mapping[str, Importance] | None = None,
        groups: Mapping[Group, Importance] | None = None,
        counted: Mapping[str, bool] | None = None,
        by: str,
    ) -> ScoreSettings:
        """Change the given weights and rescore all apps; see :meth:`ScoreSettingsStore.change`."""
        return self._settled(
            tenant_id,
            lambda: self._settings.change(tenant_id, factors=factors, groups=groups, counted=counted, by=by),
            by,
        )

    def reset(self, tenant_id: int, *, by: str) -> None:
        """Reset all weights to their defaults."""
        self._settled(tenant_id, lambda: self._settings.reset(tenant_id, by=by), by)

    def override(self, tenant_id: int, app_id: int, score: int, note: str, *, by: str) -> ScoreOverride:
        """Override the score of an app. Raises ``ValueError`` for an invalid score or note."""
        return self._settled(tenant_id, lambda: self._overrides.put(tenant_id, app_id, score, note, by=by), by)

    def remove_override(self, tenant_id: int, app_id: int, *, by: str) -> bool:
        """Remove an override, so that facts decide again; return whether there was one."""
        return self._settled(tenant_id, lambda: self._overrides.remove(tenant_id, app_id, by=by), by)

    def move_override(self, tenant_id: int, from_id: int, to_id: int, *, by: str) -> None:
        """Move the override of an app, with its note, to the app that replaces it, if there is one."""
        found = self._overrides.get(tenant_id, from_id)
        if found is None:
            return

        def move() -> None:
            self._overrides.put(tenant_id, to_id, found.score, found.note, by=by)
            self._overrides.remove(tenant_id, from_id, by=by)

        self._settled(tenant_id, move, by)

    def explain(self, tenant_id: int, app: App) -> dict[str, Any]:  # JSON
        """Return the explanation of an app's score as the tenant sees it; see ``catalog.explanation``."""
        catalog = self._catalogs.of(tenant_id)
        facts = facts_of(catalog.facts, app.app_id)
        override = self._overrides.get(tenant_id, app.app_id)
        return explanation(app, catalog.score_of(facts), facts, self._settings.get(tenant_id), override)

    def _settled(self, tenant_id: int, change: Callable[[], Result], by: str) -> Result:
        """Apply a change between two settlements, so that no other change is attributed to it."""
        self._keeping.settle(tenant_id)
        result = change()
        changed = {"changedScores": len(self._keeping.settle(tenant_id, by=by))}
        self._governance_log.completed(tenant_id, TASK, template=TEMPLATE, parameters=changed, created_by=by)
        return result
