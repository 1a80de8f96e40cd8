"""The catalog as each tenant has it: with its own apps and corrections, kept ready until they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opencasb.catalog.overlay import Overlay
from opencasb.discovery.kept import Kept

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.store.corrections import Corrections
    from opencasb.store.custom_apps import CustomApps

CACHED_CATALOGS: Final = 16
"""Catalogs with a tenant's overlay kept ready; each holds its own frame of all apps."""


class TenantCatalogs:
    """The shipped catalog with the overlay of each tenant."""

    def __init__(self, shipped: Catalog, custom_apps: CustomApps, corrections: Corrections) -> None:
        self._shipped = shipped
        self._custom_apps = custom_apps
        self._corrections = corrections
        self._catalogs: Kept[Catalog] = Kept(CACHED_CATALOGS)

    def revision(self, tenant_id: int) -> tuple[int, ...]:
        """Return what changes whenever the tenant's catalog does: corrections, and the day on which some expire."""
        return self._custom_apps.revision(tenant_id), *self._corrections.revision(tenant_id)

    def of(self, tenant_id: int) -> Catalog:
        """Return the tenant's catalog."""
        return self._catalogs.get((tenant_id, *self.revision(tenant_id)), lambda: self._laid_over(tenant_id))

    def _laid_over(self, tenant_id: int) -> Catalog:
        custom, corrections = self._custom_apps.all(tenant_id), self._corrections.in_effect(tenant_id)
        overlay = Overlay(tuple(custom), tuple(corrections))
        return self._shipped.with_overlay(overlay) if overlay else self._shipped
