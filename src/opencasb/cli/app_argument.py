"""The argument APP: a cloud app by id, name or domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from opencasb.model.app import UNCLASSIFIED, App, CustomApp

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.catalog.catalog import Catalog


def find_app(casb: Casb, tenant_id: int, given: str) -> App | CustomApp:
    """Return the app that ``given`` names: an id, the full name in any case, or a host of the app.

    Raises ``ClickException`` when there is none, with names that are like it, or when several apps have the name.
    """
    catalog = casb.reports.catalog(tenant_id)
    found = _by_id(casb, catalog, tenant_id, given) or _by_name(catalog, given)
    found = found or _by_host(casb, catalog, tenant_id, given)
    if found is not None:
        return found
    alike = ", ".join(app.name for app in catalog.search(given)[:5])
    hint = f"; there is {alike}" if alike else ""
    raise click.ClickException(f"APP: {given!r} is no id, name or domain of an app{hint}")


def _by_id(casb: Casb, catalog: Catalog, tenant_id: int, given: str) -> App | CustomApp | None:
    if not (given.isascii() and given.isdecimal() and len(given) <= 10):
        return None
    return catalog.app(int(given)) or _unlisted(int(given), casb.unlisted_apps.get(tenant_id, int(given)))


def _by_name(catalog: Catalog, given: str) -> App | CustomApp | None:
    import polars as pl

    same = catalog.apps.filter(pl.col("name").str.to_lowercase() == given.strip().lower())["app_id"].to_list()
    if len(same) > 1:
        raise click.ClickException(
            f"APP: {len(same)} apps are called {given!r}; give an id: {', '.join(map(str, same))}"
        )
    return catalog.app(same[0]) if same else None


def _by_host(casb: Casb, catalog: Catalog, tenant_id: int, given: str) -> App | CustomApp | None:
    import polars as pl

    if "." not in given:
        return None
    match = catalog.match_hosts(pl.Series([given])).row(0, named=True)
    if match["app_id"] is not None:
        return catalog.app(match["app_id"])
    outside = casb.unlisted_apps.all(tenant_id)
    return next((_unlisted(app_id, domain) for app_id, domain in outside.items() if domain == match["domain"]), None)


def _unlisted(app_id: int, domain: str | None) -> App | None:
    if domain is None:
        return None
    return App(app_id=app_id, name=domain, category=UNCLASSIFIED, domains=(domain,), listed=False)
