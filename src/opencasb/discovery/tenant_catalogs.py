"""The catalog as each tenant sees it, with its own apps, corrections and scores, cached until they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from opencasb.catalog.overlay import Overlay
from opencasb.catalog.scoring import Scoring
from opencasb.discovery.cache import Cache
from opencasb.model.correction import Kind, Statement
from opencasb.model.iso_time import iso_day
from opencasb.store.custom_apps import CustomApps
from opencasb.store.probes import Probes
from opencasb.store.score_overrides import ScoreOverrides
from opencasb.store.score_settings import ScoreSettingsStore

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.model.measurement import Measurement
    from opencasb.store.corrections import Corrections

CACHED_CATALOGS: Final = 16
"""Cached catalogs with a tenant's overlay; each holds its own frame of all apps."""

_OTHERS: Final = (CustomApps.SUBJECT, ScoreSettingsStore.SUBJECT, ScoreOverrides.SUBJECT, Probes.SUBJECT)


class TenantCatalogs:
    """The shipped catalog with the overlay of each tenant."""

    def __init__(
        self,
        shipped: Catalog,
        custom_apps: CustomApps,
        corrections: Corrections,
        score_settings: ScoreSettingsStore,
        score_overrides: ScoreOverrides,
        probes: Probes,
    ) -> None:
        self._shipped = shipped
        self._custom_apps = custom_apps
        self._corrections = corrections
        self._score_settings = score_settings
        self._score_overrides = score_overrides
        self._probes = probes
        self._catalogs: Cache[Catalog] = Cache(CACHED_CATALOGS)

    def revision(self, tenant_id: int) -> tuple[int, ...]:
        """Return a value that changes with the tenant's catalog, including on the day corrections expire."""
        return self._corrections.revision(tenant_id, *_OTHERS)

    def revisions(self, tenant_id: int) -> dict[str, tuple[int, ...]]:
        """Return :meth:`revision` by part: custom_apps, corrections, weights, overrides, probes."""
        return {
            "custom_apps": (self._custom_apps.revision(tenant_id),),
            "corrections": self._corrections.revision(tenant_id),
            "weights": (self._score_settings.revision(tenant_id),),
            "overrides": (self._score_overrides.revision(tenant_id),),
            "probes": (self._probes.revision(tenant_id),),
        }

    def of(self, tenant_id: int) -> Catalog:
        """Return the tenant's catalog."""
        return self._catalogs.get((tenant_id, *self.revision(tenant_id)), lambda: self._laid_over(tenant_id))

    def scoring(self, tenant_id: int) -> Scoring:
        """Return how the tenant scores apps, including those outside any catalog."""
        overrides = {each.app_id: each.score for each in self._score_overrides.all(tenant_id)}
        return Scoring(self._score_settings.get(tenant_id), overrides)

    def former_apps(self, tenant_id: int) -> dict[int, str]:
        """Return the names of the tenant's own apps that it deleted, whose usage remains."""
        return self._custom_apps.former(tenant_id)

    def _laid_over(self, tenant_id: int) -> Catalog:
        custom, corrections = self._custom_apps.all(tenant_id), self._corrections.in_effect(tenant_id)
        measured = tuple(_statements(self._probes.all(tenant_id)))
        overlay = Overlay(tuple(custom), tuple(corrections), self.scoring(tenant_id), measured)
        return self._shipped.with_overlay(overlay) if overlay else self._shipped


def _statements(measurements: Mapping[int, Measurement]) -> Iterator[Statement]:
    """Yield measured facts as statements by app id, dated on the day of the visit; the remark gives the method."""
    for app_id, measured in measurements.items():
        for fact in measured.facts:
            yield Statement(
                kind=Kind.FACT,
                app_id=app_id,
                key=fact.factor,
                value=msgspec.json.encode(fact.value).decode(),
                link=fact.evidence,
                remark=fact.method,
                attested_on=iso_day(measured.measured),
            )
