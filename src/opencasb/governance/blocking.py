"""What a block script blocks: the domains of the apps tagged Unsanctioned (api §13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opencasb.store.tags import UNSANCTIONED

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.store.tags import Tags
    from opencasb.store.unlisted_apps import UnlistedApps


@dataclass(frozen=True, slots=True)
class TaggedApp:
    """An app that carries a tag, with its domains, not yet validated."""

    app_id: int
    name: str
    domains: tuple[str, ...]


def tagged_apps(tenant_id: int, tag: str, tags: Tags, catalog: Catalog, unlisted_apps: UnlistedApps) -> list[TaggedApp]:
    """Return the apps with a built-in tag: listed, custom or unlisted, in the order of their ids.

    ``catalog`` is the tenant's, including its custom apps. Unknown ids are omitted.
    """
    app_ids = next(each.app_ids for each in tags.all(tenant_id) if each.name == tag)
    outside = unlisted_apps.all(tenant_id) if app_ids else {}
    found = []
    for app_id in app_ids:
        app = catalog.app(app_id)
        if app is not None:
            found.append(TaggedApp(app_id, app.name, tuple(app.domains)))
        elif app_id in outside:
            found.append(TaggedApp(app_id, outside[app_id], (outside[app_id],)))
    return found


def unsanctioned_domains(tenant_id: int, tags: Tags, catalog: Catalog, unlisted_apps: UnlistedApps) -> list[str]:
    """Return every domain of every unsanctioned app, unique and sorted, not yet validated."""
    return domains_of(tagged_apps(tenant_id, UNSANCTIONED, tags, catalog, unlisted_apps))


def domains_of(apps: list[TaggedApp]) -> list[str]:
    """Return the domains of apps, unique and sorted."""
    return sorted({domain for app in apps for domain in app.domains})
