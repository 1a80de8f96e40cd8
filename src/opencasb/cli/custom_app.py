"""``opencasb custom-app``: apps a tenant defines itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import actor, json_option, tenant_of, tenant_options
from opencasb.cli.output import echo_json, echo_table, explained

if TYPE_CHECKING:
    from opencasb.app import Opener

_PREFIX = "SAASDB_CATEGORY_"


@click.group("custom-app")
def command() -> None:
    """Keep custom apps: traffic to their domains and networks is reported under their name from now on.

    Exit codes: 0 done; 1 it could not be done, stderr says why; 2 wrong usage.
    """


@command.command("create")
@click.option("--name", required=True, help="Name of the app.")
@click.option("--domain", "domains", multiple=True, help="Domain whose hosts are this app; can be repeated.")
@click.option("--network", "networks", multiple=True, help="Address or block (CIDR) that is this app; can be repeated.")
@click.option("--category", default="UNCLASSIFIED", show_default=True, help="Category id, such as CLOUD_STORAGE.")
@click.option("--score", type=click.IntRange(0, 10), help="0 (risky) to 10 (safe); without it, the app is unscored.")
@click.option("--notes", default="", help="What the app is, for people.")
@tenant_options
@json_option
def create(opener: Opener, /, data: Path, tenant: str | None, as_json: bool, **given: Any) -> None:  # option values
    """Define an app. JSON: the app's record."""
    casb = opener.open(data)
    given["category"] = _PREFIX + given["category"].upper().removeprefix(_PREFIX)
    with explained("custom-app"):
        made = casb.custom_apps.create(tenant_of(casb, tenant).tenant_id, by=actor(), **given)
    if as_json:
        echo_json(made)
        return
    click.echo(f"custom app {made.name}: {made.app_id}")


@command.command("list")
@tenant_options
@json_option
def list_(opener: Opener, data: Path, tenant: str | None, as_json: bool) -> None:
    """List the custom apps. JSON: their records."""
    casb = opener.open(data)
    found = casb.custom_apps.all(tenant_of(casb, tenant).tenant_id)
    if as_json:
        echo_json(found)
        return
    rows = [
        (
            app.app_id,
            app.name,
            app.category.removeprefix(_PREFIX),
            "unscored" if app.score is None else app.score,
            " ".join((*app.domains, *app.networks)),
        )
        for app in found
    ]
    echo_table(("id", "name", "category", "score", "domains and networks"), rows)


@command.command("delete")
@click.argument("app")
@tenant_options
def delete(opener: Opener, data: Path, tenant: str | None, app: str) -> None:
    """Delete the custom app APP, an id or a name. Usage it already has stays its own."""
    casb = opener.open(data)
    tenant_id = tenant_of(casb, tenant).tenant_id
    found = next(
        (each for each in casb.custom_apps.all(tenant_id) if app.casefold() in _names(each.app_id, each.name)), None
    )
    if found is None or not casb.custom_apps.delete(tenant_id, found.app_id, by=actor()):
        raise click.ClickException(f"APP: {app!r} is no id or name of a custom app")


def _names(app_id: int, name: str) -> tuple[str, str]:
    return str(app_id), name.casefold()
