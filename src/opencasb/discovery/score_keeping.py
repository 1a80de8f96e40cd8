"""Upkeep of the score history: discovered apps are scored again when anything that scores depend on has changed.

Reports for any day show today's scores; earlier ones are in the history.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from opencasb.discovery.destinations import UNRESOLVED_APP_ID
from opencasb.lake.reading import collected
from opencasb.model.unlisted_profile import FIRST_UNLISTED
from opencasb.store.score_history import ScoreChange, ScoreHistory

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.discovery.reports import Reports
    from opencasb.discovery.tenant_catalogs import TenantCatalogs
    from opencasb.lake.usage import Lake

CAUSES: Final = MappingProxyType(
    {
        "catalog": "newer catalog",
        "weights": "weights changed",
        "overrides": "override",
        "custom_apps": "custom app changed",
        "corrections": "new fact",
        "probes": "new measurement",
    }
)
"""Part of the basis → the reason given when scores change with it."""


class ScoreKeeping:
    """Maintains each tenant's score history."""

    def __init__(
        self,
        shipped: Catalog,
        catalogs: TenantCatalogs,
        reports: Reports,
        lake: Lake,
        history: ScoreHistory,
        clock: Callable[[], int],
    ) -> None:
        self._shipped = shipped
        self._catalogs = catalogs
        self._reports = reports
        self._lake = lake
        self._history = history
        self._clock = clock

    def settle(self, tenant_id: int, *, by: str = "") -> list[ScoreChange]:
        """Rescore discovered apps if anything has changed since the last time, and return the score changes.

        ``by`` is the author of the change being settled; empty if there may be several.
        """
        basis = self._basis(tenant_id)
        if self._history.basis(tenant_id) == basis:
            return []
        scores = self._scores(tenant_id)
        outside = {app_id: None for app_id in scores if app_id >= FIRST_UNLISTED}
        return self._history.settle(
            tenant_id, basis, scores, unseen=outside, causes=CAUSES, time=self._clock(), author=by
        )

    def changes(
        self, tenant_id: int, *, app_id: int | None = None, before: str | None = None, limit: int = 100
    ) -> list[ScoreChange] | None:
        """Return changes up to now, newest first; see :meth:`ScoreHistory.latest`."""
        self.settle(tenant_id)
        return self._history.latest(tenant_id, app_id=app_id, before=before, limit=limit)

    def _basis(self, tenant_id: int) -> dict[str, Any]:  # JSON
        return {
            "catalog": self._shipped.version,
            "usage": self._lake.version(tenant_id),
            **{name: list(numbers) for name, numbers in self._catalogs.revisions(tenant_id).items()},
        }

    def _scores(self, tenant_id: int) -> dict[int, int | None]:
        """Return the scores of the apps in the tenant's usage."""
        import polars as pl

        usage = self._reports.usage(tenant_id)
        used = collected(usage.select(pl.col("app_id").cast(pl.Int64).unique()))
        apps = self._catalogs.of(tenant_id).apps.select("app_id", "score")
        known = used.filter(pl.col("app_id") != UNRESOLVED_APP_ID).join(apps, on="app_id", how="left")
        given = self._catalogs.scoring(tenant_id).overrides
        return {app_id: given.get(app_id, score) for app_id, score in known.iter_rows()}
