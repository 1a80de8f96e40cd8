"""``opencasb custom-app``: apps a tenant defines itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from opencasb.cli.options import Here, actor, all_of, tenant_options
from opencasb.cli.output import echo_done, echo_list, explained
from opencasb.model.categories import PREFIX, category_id

if TYPE_CHECKING:
    from opencasb.model.app import CustomApp


@click.group("custom-app")
def command() -> None:
    """Keep custom apps: traffic to their domains and networks is reported under their name from now on.

    Exit codes: 0 done; 1 it could not be done, stderr says why; 2 wrong usage.
    """


_field_options = all_of(
    click.option("--domain", "domains", multiple=True, help="Domain whose hosts are this app; can be repeated."),
    click.option(
        "--network", "networks", multiple=True, help="Address or block (CIDR) that is this app; can be repeated."
    ),
    click.option("--category", help="Category id, such as CLOUD_STORAGE (at first: UNCLASSIFIED)."),
    click.option("--score", type=click.IntRange(0, 10), help="0 (risky) to 10 (safe) (at first: unscored)."),
    click.option("--vendor", help="Whose app it is."),
    click.option("--notes", help="What the app is, for people."),
)


@command.command("create")
@click.option("--name", required=True, help="Name of the app.")
@_field_options
@tenant_options
def create(here: Here, /, as_json: bool, **given: Any) -> None:  # option values
    """Define an app. JSON: the app's record."""
    casb = here.casb
    with explained("custom-app"):
        made = casb.custom_apps.create(here.tenant_id, by=actor(), **_fields(given))
    _show(made, as_json=as_json)


@command.command("set")
@click.argument("app")
@click.option("--name", help="New name of the app.")
@_field_options
@click.option("--unscored", is_flag=True, help="Take the score away.")
@tenant_options
def set_(here: Here, /, as_json: bool, app: str, unscored: bool, **given: Any) -> None:  # option values
    """Change what is given of the custom app APP, an id or a name. JSON: the app's record.

    The domains given replace all domains of the app, the networks all networks.
    """
    changes = _fields(given)
    if unscored:
        changes["score"] = None
    if not changes:
        raise click.UsageError("nothing to change: give at least one option")
    casb, tenant_id = here.casb, here.tenant_id
    with explained("custom-app"):
        changed = casb.custom_apps.update(tenant_id, _app_id(here, app), by=actor(), **changes)
    if changed is None:
        raise click.ClickException(f"APP: {app!r} has just been deleted")
    _show(changed, as_json=as_json)


@command.command("list")
@tenant_options
def list_(here: Here, as_json: bool) -> None:
    """List the custom apps. JSON: their records."""
    found = here.casb.custom_apps.all(here.tenant_id)
    rows = (
        (
            app.app_id,
            app.name,
            app.category.removeprefix(PREFIX),
            "unscored" if app.score is None else app.score,
            " ".join((*app.domains, *app.networks)),
        )
        for app in found
    )
    echo_list(found, ("id", "name", "category", "score", "domains and networks"), rows, as_json=as_json)


@command.command("delete")
@click.argument("app")
@tenant_options
def delete(here: Here, as_json: bool, app: str) -> None:
    """Delete the custom app APP, an id or a name. Usage it already has stays its own.

    JSON: {"deleted"}, the app's id.
    """
    app_id = _app_id(here, app)
    here.casb.custom_apps.delete(here.tenant_id, app_id, by=actor())
    echo_done({"deleted": app_id}, as_json=as_json)


def _app_id(here: Here, given: str) -> int:
    for app in here.casb.custom_apps.all(here.tenant_id):
        if given.casefold() in (str(app.app_id), app.name.casefold()):
            return app.app_id
    raise click.ClickException(f"APP: {given!r} is no id or name of a custom app")


def _fields(options: dict[str, Any]) -> dict[str, Any]:  # option values
    fields = {name: value for name, value in options.items() if value not in (None, ())}
    if "category" in fields:
        fields["category"] = category_id(fields["category"])
    return fields


def _show(app: CustomApp, *, as_json: bool) -> None:
    echo_done(app, f"custom app {app.name}: {app.app_id}", as_json=as_json)
