"""What a block script blocks: the domains of the apps tagged Unsanctioned (api §13)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opencasb.store.tags import UNSANCTIONED, VERDICTS

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

    ``catalog`` is the tenant's, including its custom apps. Unknown ids are omitted, and so are unlisted domains that
    now belong to an app with a verdict of its own.
    """
    every = tags.all(tenant_id)
    app_ids = next(each.app_ids for each in every if each.name == tag)
    outside = unlisted_apps.all(tenant_id) if app_ids else {}
    judged = {app_id for each in every if each.name in VERDICTS for app_id in each.app_ids}
    superseded = _within(judged, [outside[app_id] for app_id in app_ids if app_id in outside], catalog)
    found = []
    for app_id in app_ids:
        app = catalog.app(app_id)
        if app is not None:
            found.append(TaggedApp(app_id, app.name, tuple(app.domains)))
        elif app_id in outside and outside[app_id] not in superseded:
            found.append(TaggedApp(app_id, outside[app_id], (outside[app_id],)))
    return found


def _within(app_ids: Collection[int], domains: Sequence[str], catalog: Catalog) -> set[str]:
    """Return those of ``domains`` that belong to one of the apps."""
    if not domains:
        return set()
    import polars as pl

    owners = catalog.match_hosts(pl.Series(domains, dtype=pl.String)).select("host", "app_id")
    return {host for host, app_id in owners.iter_rows() if app_id in app_ids}


def unsanctioned_domains(tenant_id: int, tags: Tags, catalog: Catalog, unlisted_apps: UnlistedApps) -> list[str]:
    """Return every domain of every unsanctioned app, unique and sorted, not yet validated."""
    return domains_of(tagged_apps(tenant_id, UNSANCTIONED, tags, catalog, unlisted_apps))


def domains_of(apps: list[TaggedApp]) -> list[str]:
    """Return the domains of apps, unique and sorted."""
    return sorted({domain for app in apps for domain in app.domains})
