"""The argument APP: a cloud app by id, name or domain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from opencasb.catalog.catalog import Catalog
    from opencasb.cli.options import CommandContext
    from opencasb.model.app import App

_MOST_ALIKE: Final = 5
_NEARLY: Final = 0.8
"""Similarity, from 0 to 1, above which a name counts as a mistyped form of another."""
_LONGEST_NAME: Final = 100


def find_app(context: CommandContext, given: str) -> App:
    """Return the app that ``given`` identifies: an id, the full name in any case, or a host of the app.

    Raises ``ClickException`` if there is none, suggesting similar names, or if several apps have the name.
    """
    casb, tenant_id = context.casb, context.tenant_id
    by_id, unlisted = partial(casb.reports.app, tenant_id), partial(casb.unlisted_apps.all, tenant_id)
    return find_in(casb.reports.catalog(tenant_id), by_id, unlisted, given)


def find_in(
    catalog: Catalog, by_id: Callable[[int], App | None], unlisted: Callable[[], Mapping[int, str]], given: str
) -> App:
    """Return an app of a catalog or, by id or domain, an ``unlisted`` one, like :func:`find_app`."""
    number = int(given) if given.isascii() and given.isdecimal() and len(given) <= 10 else None
    found = None if number is None else by_id(number)
    found = found or _by_name(catalog, given) or _by_host(catalog, by_id, unlisted, given)
    if found is not None:
        return found
    alike = [app.name for app in catalog.search(given)[:_MOST_ALIKE]] or _mistyped(catalog, given)
    hint = f"; there is {', '.join(alike)}" if alike else ""
    raise click.ClickException(f"APP: {given!r} is no id, name or domain of an app{hint}")


def _mistyped(catalog: Catalog, given: str) -> list[str]:
    """Return the names of apps that resemble the given name, or the first label of a given host."""
    from difflib import get_close_matches

    names = {name.lower(): name for name in catalog.apps["name"]}
    word = given.strip().lower().removeprefix("www.").partition(".")[0]
    return [names[each] for each in get_close_matches(word[:_LONGEST_NAME], names, _MOST_ALIKE, _NEARLY)]


def _by_name(catalog: Catalog, given: str) -> App | None:
    import polars as pl

    same = catalog.apps.filter(pl.col("name").str.to_lowercase() == given.strip().lower())["app_id"].to_list()
    if len(same) > 1:
        raise click.ClickException(
            f"APP: {len(same)} apps are called {given!r}; give an id: {', '.join(map(str, same))}"
        )
    return catalog.app(same[0]) if same else None


def _by_host(
    catalog: Catalog, by_id: Callable[[int], App | None], unlisted: Callable[[], Mapping[int, str]], given: str
) -> App | None:
    import polars as pl

    if "." not in given:
        return None
    match = catalog.match_hosts(pl.Series([given])).row(0, named=True)
    if match["app_id"] is not None:
        return catalog.app(match["app_id"])
    return next((by_id(app_id) for app_id, domain in unlisted().items() if domain == match["domain"]), None)
