"""What a block script blocks: the domains of the apps tagged Unsanctioned (api §13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencasb.store.tags import UNSANCTIONED

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.store.tags import Tags
    from opencasb.store.unlisted_apps import UnlistedApps


def unsanctioned_domains(tenant_id: int, tags: Tags, catalog: Catalog, unlisted_apps: UnlistedApps) -> list[str]:
    """Return every domain of every unsanctioned app, listed, custom or unlisted; unique and sorted, not yet checked.

    ``catalog`` is the tenant's: the one with its custom apps.
    """
    app_ids = next(tag.app_ids for tag in tags.all(tenant_id) if tag.name == UNSANCTIONED)
    outside = unlisted_apps.all(tenant_id) if app_ids else {}
    found: set[str] = set()
    for app_id in app_ids:
        app = catalog.app(app_id)
        if app is not None:
            found.update(app.domains)
        elif app_id in outside:
            found.add(outside[app_id])
    return sorted(found)
