"""Domains outside the catalog with their provisional profiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from opencasb.discovery.cache import Cache
from opencasb.discovery.habits import habits
from opencasb.discovery.provisional import profile
from opencasb.model.trace import HOST, SIGN_IN, Trace
from opencasb.model.unlisted_profile import FIRST_UNLISTED, Profile

if TYPE_CHECKING:
    import polars as pl

    from opencasb.discovery.reports import Reports
    from opencasb.discovery.tenant_catalogs import TenantCatalogs
    from opencasb.lake.usage import Lake
    from opencasb.store.unlisted_apps import UnlistedApps

CACHED: Final = 16
"""Cached lists of profiles."""


def profiles(usage: pl.LazyFrame, domains: dict[int, str], traces: Iterable[Trace]) -> list[Profile]:
    """Return the profile of each domain with usage, highest confidence first; ``domains`` maps app ids to domains."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for trace in traces:
        seen[trace.domain, trace.kind].append(trace.value)
    made = [
        profile(domains[app_id], each, seen[domains[app_id], HOST], seen[domains[app_id], SIGN_IN])
        for app_id, each in habits(usage, FIRST_UNLISTED).items()
        if app_id in domains
    ]
    return sorted(made, key=lambda each: (-each.confidence, -each.users, -each.total_bytes, each.domain))


class Unlisted:
    """The unlisted apps of every tenant, as far as the lake has usage of them."""

    def __init__(self, lake: Lake, catalogs: TenantCatalogs, reports: Reports, unlisted_apps: UnlistedApps) -> None:
        self._lake = lake
        self._catalogs = catalogs
        self._reports = reports
        self._unlisted_apps = unlisted_apps
        self._cache: Cache[list[Profile]] = Cache(CACHED)

    def all(self, tenant_id: int) -> list[Profile]:
        """Return the profiles of all domains outside the tenant's catalog, highest confidence first."""
        key = (tenant_id, self._lake.version(tenant_id), *self._catalogs.revision(tenant_id))
        return self._cache.get(key, lambda: self._made(tenant_id))

    def find(self, tenant_id: int, given: str) -> Profile | None:
        """Return the profile of a domain, or of an app id in digits, or None."""
        wanted = given.strip().lower()
        return next((each for each in self.all(tenant_id) if wanted in (each.domain, str(each.app_id))), None)

    def _made(self, tenant_id: int) -> list[Profile]:
        usage = self._reports.usage(tenant_id)
        return profiles(usage, self._unlisted_apps.all(tenant_id), self._unlisted_apps.traces.all(tenant_id))
